import config, { APPS } from './jest.config.js';

/**
 * The tests of applications as a whole: samples, the code on pages, the dashboard's page in a
 * browser, and what is measured under load.
 */
export default {
  ...config,
  testMatch: ['<rootDir>/sample/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    `<rootDir>/test/(?!${APPS.join('|')})`,
  ],
};
