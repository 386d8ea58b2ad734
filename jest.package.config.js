import config from './jest.config.js';

/** The tests of what `npm pack` makes of the build. */
export default {
  ...config,
  globalSetup: '<rootDir>/test/package/support/pack.ts',
  globalTeardown: '<rootDir>/test/package/support/remove-packed.ts',
  testMatch: ['<rootDir>/test/package/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // They wait for npm, compilers and test runners.
  maxWorkers: 2,
  testTimeout: 300_000,
};
