import { afterAll, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { bullmqEngine } from 'nestjs-tasks/bullmq';
import { engineConformance } from 'nestjs-tasks/testing';
import { describeWithRedis, RedisSpace } from './support/redis.js';

describeWithRedis('the engine over BullMQ', () => {
  const space = new RedisSpace();
  afterAll(() => space.close());

  const cases = engineConformance({
    create: (concurrency) =>
      bullmqEngine({
        enqueueTimeout: '30s',
        connection: space.connection,
        prefix: `${space.prefix}-${randomUUID()}`,
        worker: { concurrency },
      }),
  });
  it.each(cases)('$name', ({ run }) => run());
});
