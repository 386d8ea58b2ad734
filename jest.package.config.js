import config from './jest.config.js';

/** The tests of what `npm pack` makes of the build. */
export default {
  ...config,
  testMatch: ['<rootDir>/test/package/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // They wait for npm, compilers and test runners.
  maxWorkers: 2,
  testTimeout: 300_000,
};
