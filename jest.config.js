import { availableParallelism } from 'node:os';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const canRunPgBoss = major > 22 || (major === 22 && minor >= 12);

/** What `npm run test:apps` runs, of the tests in `test/`. */
export const APPS = [
  'docs/',
  'dashboard/page',
  'process/load',
  'process/memory',
];

/** @type {import('jest').Config} */
export default {
  testEnvironment: '<rootDir>/test/support/environment.ts',
  // Busy machines are slow; a test that hangs is found all the same.
  testTimeout: 60_000,
  // More than there are cores: tests of engines spend most of their time waiting for servers.
  maxWorkers: availableParallelism() + 2,
  // Each test file leaves modules behind: new processes are faster than full ones.
  workerIdleMemoryLimit: '2GB',
  testMatch: ['<rootDir>/test/**/*.spec.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/package/',
    `<rootDir>/test/(${APPS.join('|')})`,
  ],
  extensionsToTreatAsEsm: ['.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  moduleNameMapper: {
    '^@electric-sql/pglite$': '<rootDir>/test/support/pglite.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^nestjs-tasks$': '<rootDir>/lib/index.ts',
    '^nestjs-tasks/testing$': '<rootDir>/lib/testing/index.ts',
    '^nestjs-tasks/threads$': '<rootDir>/lib/threads/index.ts',
    '^nestjs-tasks/bullmq$': '<rootDir>/lib/bullmq/index.ts',
    '^nestjs-tasks/pg-boss$': '<rootDir>/lib/pg-boss/index.ts',
    '^nestjs-tasks/in-process$': '<rootDir>/lib/in-process/index.ts',
    '^nestjs-tasks/opentelemetry$': '<rootDir>/lib/opentelemetry/index.ts',
    '^nestjs-tasks/terminus$': '<rootDir>/lib/terminus/index.ts',
    '^nestjs-tasks/dashboard$': '<rootDir>/lib/dashboard/index.ts',
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
    // It runs in a browser.
    '!lib/dashboard/page/**',
    // pg-boss needs Node.js 22.12, and without it nothing of this runs.
    ...(canRunPgBoss ? [] : ['!lib/pg-boss/**']),
  ],
  coverageThreshold: { global: { lines: 95 } },
};
