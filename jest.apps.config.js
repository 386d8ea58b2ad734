import config, { APPS } from './jest.config.js';

/** The tests of what is made with the library: samples, pages, and the dashboard's page in a browser. */
export default {
  ...config,
  testMatch: ['<rootDir>/sample/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    `<rootDir>/test/(?!${APPS.join('|')})`,
  ],
};
