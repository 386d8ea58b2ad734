import { bullmqEngine } from 'nestjs-tasks/bullmq';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import type { Environment } from './environment.js';

/** A process accepts orders or charges them. */
export type Role = 'api' | 'worker';

/** With Redis, the API stores tasks and the worker runs them. */
export function engineFor(role: Role, { REDIS_URL: url }: Environment) {
  if (url === undefined) return inProcessEngine();
  return bullmqEngine({
    connection: { url },
    queue: 'observed-orders',
    worker: role === 'worker' ? {} : false,
  });
}
