import { afterEach, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { bullmqEngine, type BullmqEngineOptions } from 'nestjs-tasks/bullmq';
import { TasksTester } from 'nestjs-tasks/testing';
import { closeApps } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';
import { SOON_MS } from '../support/soon.js';
import { timed } from './support/engine-bench.js';
import { Gone, openMailApp, type MailApp } from './support/mail-app.js';
import {
  describeWithRedisServer,
  RedisServer,
} from './support/redis-server.js';

afterEach(closeApps);
afterEach(() => RedisServer.removeAll());

describeWithRedisServer.each(platforms)(
  'durable tasks over $name, when Redis does not answer',
  (platform) => {
    function open(
      { connection }: RedisServer,
      options: Pick<BullmqEngineOptions, 'fallback' | 'worker'>,
    ): Promise<MailApp> {
      return openMailApp({
        platform,
        engine: bullmqEngine({ connection, enqueueTimeout: 2_000, ...options }),
        providers: [Gone],
      });
    }

    /** Asks until the route succeeds. */
    async function untilStored(app: MailApp, count = 1): Promise<void> {
      for (let status = 500; status !== 201;) {
        ({ status } = await app.post('required'));
      }
      await app.journal.has(count);
    }

    it.each(['down', 'frozen'])(
      'run in this process under the same id: %s',
      async (how) => {
        const server = await RedisServer.start();
        const app = await open(server, { fallback: 'in-process' });
        if (how === 'down') await server.kill();
        else server.freeze();
        const answer = app.post('here');
        expect(await timed(answer)).toBeLessThan(SOON_MS);
        expect((await answer).status).toBe(201);
        await TasksTester.for(app.app).settled();

        expect(app.journal.lines).toMatchObject([{ what: 'here', attempt: 1 }]);
        expect(app.events.map(({ type }) => type)).toEqual([
          'scheduled',
          'fallback',
          'started',
          'succeeded',
        ]);
        expect(new Set(app.events.map(({ task }) => task.id)).size).toBe(1);
        expect(app.log.messages('warn')).toEqual([
          expect.stringMatching(/could not be stored by bullmq: /),
        ]);
      },
    );

    it("fail with `fallback: 'fail'`, and the route with them", async () => {
      const server = await RedisServer.start();
      const app = await open(server, { fallback: 'fail' });
      await server.kill();
      const required = app.post('required');
      expect(await timed(required)).toBeLessThan(SOON_MS);
      expect((await required).status).toBe(503);
      expect((await app.post('other')).status).toBe(503);
      await TasksTester.for(app.app).settled();
      expect(app.journal.lines).toEqual([]);

      await server.start();
      await untilStored(app);
    });

    it('run here alone when Redis was frozen, as their copies are taken back', async () => {
      const server = await RedisServer.start();
      const app = await open(server, { fallback: 'in-process' });
      await untilStored(app);
      server.freeze();
      await Promise.all(Array.from({ length: 20 }, () => app.post('five')));
      await app.journal.has(101);
      server.thaw();
      await untilStored(app, 102);
      // The worker may have begun with as many as it runs at once.
      expect(app.journal.lines.length).toBeLessThan(102 + 10);
      // It was thawed as soon as the tasks were done, so that the outage itself may have been
      // over before it was noticed, or be noticed twice.
      for (const message of app.log.messages('error')) {
        expect(message).toMatch(/^Redis cannot be reached/);
      }
    });

    it('start to be stored when Redis comes after the application', async () => {
      const server = await RedisServer.create();
      const app = await open(server, { fallback: 'fail' });
      await server.start();
      await untilStored(app);
    });

    it('are stored by one round trip for all of one phase of a request', async () => {
      const server = await RedisServer.start();
      const app = await open(server, { fallback: 'fail', worker: false });
      const client = new Redis(server.connection);
      const reads = async () =>
        Number(/total_reads_processed:(\d+)/.exec(await client.info())?.[1]);
      try {
        // Redis learns the script from the first ones.
        await app.post('five');
        const before = await reads();
        const idle = (await reads()) - before;
        const start = await reads();
        await app.post('five');
        expect((await reads()) - start - idle).toBe(1);
      } finally {
        client.disconnect();
      }
    });
  },
);
