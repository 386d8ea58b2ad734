const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const canRunPgBoss = major > 22 || (major === 22 && minor >= 12);

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  // Machines that have much to do are slow; what hangs is found all the same.
  testTimeout: 30_000,
  // Each test file leaves modules behind: new processes are faster than full ones.
  maxWorkers: '100%',
  workerIdleMemoryLimit: '1GB',
  testMatch: ['<rootDir>/test/**/*.spec.ts', '<rootDir>/sample/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/package/'],
  extensionsToTreatAsEsm: ['.ts'],
  globalSetup: '<rootDir>/test/support/empty-database.ts',
  moduleNameMapper: {
    '^@electric-sql/pglite$': '<rootDir>/test/support/pglite.ts',
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
  collectCoverageFrom: [
    'lib/**/*.ts',
    '!lib/**/*.cjs.ts',
    // pg-boss needs Node.js 22.12, and without it nothing of this runs.
    ...(canRunPgBoss ? [] : ['!lib/pg-boss/**']),
  ],
  coverageThreshold: { global: { lines: 95 } },
};
