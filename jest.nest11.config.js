import config from './jest.config.js';

/** The tests of the nest layer and of the dashboard's server against NestJS 11. */
export default {
  ...config,
  testMatch: [
    '<rootDir>/test/nest/**/*.spec.ts',
    '<rootDir>/test/dashboard/dashboard.spec.ts',
  ],
  moduleNameMapper: {
    '^(@nestjs/[^/]+|@apollo/server|graphql|rxjs|reflect-metadata|class-validator|class-transformer)(/.*)?$':
      '<rootDir>/test/nest11/node_modules/$1$2',
    ...config.moduleNameMapper,
  },
};
