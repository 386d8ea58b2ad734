import config from './jest.config.js';

/** The tests of the engine over BullMQ against BullMQ 5. */
export default {
  ...config,
  testMatch: ['<rootDir>/test/engines/bullmq*.spec.ts'],
  testPathIgnorePatterns: ['bullmq-crashes', '/node_modules/'],
  moduleNameMapper: {
    '^bullmq$': '<rootDir>/test/bullmq5/node_modules/bullmq/dist/cjs/index.js',
    ...config.moduleNameMapper,
  },
};
