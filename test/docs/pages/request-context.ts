import { CLS_ID, ClsServiceManager } from 'nestjs-cls';
import type { ContextPropagation } from 'nestjs-tasks';

const cls = ClsServiceManager.getClsService();

/** For the option `propagation`: durable tasks have the request id of their call. */
export const requestIds: ContextPropagation = {
  capture: () => ({ requestId: cls.getId() ?? '' }),
  restore: ({ requestId }, fn) =>
    cls.run(() => {
      if (requestId) cls.set(CLS_ID, requestId);
      return fn();
    }),
};
