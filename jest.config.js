/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.spec.ts', '<rootDir>/sample/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/package/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^nestjs-tasks$': '<rootDir>/lib/index.ts',
    '^nestjs-tasks/testing$': '<rootDir>/lib/testing/index.ts',
    '^nestjs-tasks/threads$': '<rootDir>/lib/threads/index.ts',
    '^nestjs-tasks/bullmq$': '<rootDir>/lib/bullmq/index.ts',
    '^nestjs-tasks/pg-boss$': '<rootDir>/lib/pg-boss/index.ts',
    '^nestjs-tasks/in-process$': '<rootDir>/lib/in-process/index.ts',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  setupFiles: ['reflect-metadata'],
  collectCoverageFrom: ['lib/**/*.ts', '!lib/**/*.cjs.ts'],
  coverageThreshold: { global: { lines: 95 } },
};
