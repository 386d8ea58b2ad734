import { ApplicationConfig } from '@nestjs/core';

/** Whether NestJS is 12 or later; the same tests run against 11. */
export const isNest12 =
  'getGlobalPreRequestHooks' in ApplicationConfig.prototype;
