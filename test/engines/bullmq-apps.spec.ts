import { afterAll, afterEach, expect, it, jest } from '@jest/globals';
import {
  Controller,
  Injectable,
  Post,
  Query,
  Scope,
  type Type,
} from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import {
  currentTask,
  OnTaskError,
  Task,
  Tasks,
  type TaskErrorHandler,
  type TaskEvent,
  type TasksModuleOptions,
} from 'nestjs-tasks';
import { bullmqEngine, type BullmqEngineOptions } from 'nestjs-tasks/bullmq';
import { TasksTester } from 'nestjs-tasks/testing';
import { closeApps, createApp, type TestApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import { newJob, timed } from './support/engine-bench.js';
import { describeWithRedis, RedisSpace } from './support/redis.js';
import {
  describeWithRedisServer,
  RedisServer,
} from './support/redis-server.js';

/** What the tasks of a worker have done, which the test can wait for. */
@Injectable()
class Journal {
  readonly lines: unknown[] = [];
  readonly gate = deferred();
  #listeners: (() => void)[] = [];

  write(line: unknown): void {
    this.lines.push(line);
    for (const tell of this.#listeners.splice(0)) tell();
  }

  async has(count: number): Promise<void> {
    while (this.lines.length < count) {
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
    }
  }
}

@Injectable()
class Mail {
  constructor(private readonly journal: Journal) {}

  @Task('mail', {
    durable: true,
    retries: 1,
    backoff: { type: 'fixed', delay: 10 },
  })
  async send(what: string, more?: unknown): Promise<void> {
    const { attempt, key, phase } = currentTask();
    this.journal.write({ what, more, attempt, key, phase });
    if (what === 'fails') throw new TypeError('refused');
    if (what === 'waits') await this.journal.gate.promise;
  }
}

/** Declared where it is scheduled, and not where it is to run. */
@Injectable()
class Gone {
  @Task('gone', { durable: true })
  vanish(): void {}
}

@Controller()
class MailController {
  @Post()
  handle(@Tasks() tasks: Tasks, @Query('what') what: string): void {
    switch (what) {
      case 'phases':
        tasks.of(Mail).send('now', new Map([[1n, new Date(0)]]));
        for (const n of [1, 2, 3]) tasks.afterRoute.of(Mail).send(`route ${n}`);
        for (const n of [1, 2]) tasks.afterResponse.of(Mail).send(`end ${n}`);
        return;
      case 'five':
        for (let n = 0; n < 5; n += 1) tasks.afterRoute.of(Mail).send(`${n}`);
        return;
      case 'required':
        tasks.afterRoute.task({ required: true }).of(Mail).send('required');
        return;
      case 'gone':
        tasks.afterRoute.of(Gone).vanish();
        return;
      default:
        tasks.afterRoute
          .task({ key: `key:${what}` })
          .of(Mail)
          .send(what);
    }
  }
}

jest.setTimeout(30_000);
afterEach(closeApps);
afterEach(() => RedisServer.removeAll());

describeWithRedis.each(platforms)(
  'durable tasks in Redis over $name',
  (platform) => {
    const space = new RedisSpace();
    const queues: Queue[] = [];
    afterEach(async () => {
      await Promise.all(queues.splice(0).map((queue) => queue.close()));
    });
    afterAll(() => space.close());

    /** A place in Redis that applications share. */
    function place() {
      const { connection } = space;
      const prefix = `${space.prefix}-${randomUUID()}`;
      const queue = new Queue('nestjs-tasks', { connection, prefix });
      queues.push(queue);
      return { connection, prefix, queue };
    }

    async function open(
      engine: BullmqEngineOptions,
      providers: Type[] = [],
      tasks: TasksModuleOptions = {},
    ): Promise<TestApp & { events: TaskEvent[]; journal: Journal }> {
      const events: TaskEvent[] = [];
      const { connection, prefix, worker } = engine;
      const app = await createApp(platform, {
        tasks: {
          engine: bullmqEngine({ connection, prefix, worker }),
          observers: [(event) => void events.push(event)],
          ...tasks,
        },
        providers: [Mail, Journal, ...providers],
        controllers: providers.includes(Gone) ? [MailController] : [],
      });
      return { ...app, events, journal: app.app.get(Journal) };
    }

    const post = ({ request }: TestApp, what: string) =>
      request(`/?what=${what}`, { method: 'POST' });

    const settled = ({ app }: TestApp) => TasksTester.for(app).settled();

    it('are stored when the response says so, and run in another process under the same id', async () => {
      const { queue, ...where } = place();
      const api = await open({ ...where, worker: false }, [Gone]);
      expect((await post(api, 'hello')).status).toBe(201);
      const [stored] = await queue.getJobs(['waiting']);
      expect(stored?.name).toBe('mail');
      expect(api.journal.lines).toEqual([]);

      const worker = await open(where);
      await worker.journal.has(1);
      expect(worker.journal.lines).toEqual([
        {
          what: 'hello',
          more: undefined,
          attempt: 1,
          key: 'key:hello',
          phase: 'afterRoute',
        },
      ]);
      await TasksTester.for(worker.app).settled();
      const story = (events: TaskEvent[]) =>
        events.map(({ type, task }) => [type, task.id]);
      expect(story(api.events)).toEqual([
        ['scheduled', stored?.id],
        ['enqueued', stored?.id],
      ]);
      expect(story(worker.events)).toEqual([
        ['started', stored?.id],
        ['succeeded', stored?.id],
      ]);
    });

    it('run in all phases, with what they were called with', async () => {
      const { queue: _queue, ...where } = place();
      const app = await open(where, [Gone]);
      await post(app, 'phases');
      await app.journal.has(6);
      expect(app.journal.lines).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            what: 'now',
            phase: 'immediate',
            more: new Map([[1n, new Date(0)]]),
          }),
          expect.objectContaining({ what: 'route 3', phase: 'afterRoute' }),
          expect.objectContaining({ what: 'end 2', phase: 'afterResponse' }),
        ]),
      );
    });

    it('that fail are tried again, then kept, and the handlers of the worker are told', async () => {
      const told: unknown[] = [];
      const both = deferred();
      const tell =
        (who: string): TaskErrorHandler =>
        (task, error) => {
          told.push([who, task.name, task.attempt, error.message]);
          if (told.length === 2) both.resolve();
        };
      @Injectable()
      class Alerts {
        @OnTaskError('mail')
        alert(task: Task, error: Error) {
          return tell('@OnTaskError')(task, error);
        }
      }
      const { queue, ...where } = place();
      const api = await open({ ...where, worker: false }, [Gone]);
      await post(api, 'fails');
      const worker = await open(where, [Alerts], { onError: tell('onError') });
      await both.promise;
      await worker.app.close();
      expect(new Set(told)).toEqual(
        new Set([
          ['@OnTaskError', 'mail', 2, 'refused'],
          ['onError', 'mail', 2, 'refused'],
        ]),
      );
      const [kept] = await queue.getFailed();
      expect(kept?.failedReason).toBe('TypeError: refused');
      expect(kept?.attemptsMade).toBe(2);
    });

    it('that this worker does not know, or that are newer than it, are refused and kept', async () => {
      const { queue, ...where } = place();
      const api = await open({ ...where, worker: false }, [Gone]);
      await post(api, 'gone');
      const newer = bullmqEngine({ ...where, worker: false });
      await newer.enqueue([newJob({ task: 'mail', version: 99 })]);
      await newer.stop(100);
      const worker = await open(where);
      while ((await queue.getFailedCount()) < 2);
      const errors = worker.log.messages('error');
      expect(errors).toHaveLength(2);
      expect(errors.join()).toMatch(
        /refused: it was written by a newer version/,
      );
      expect(errors.join()).toMatch(/refused: no task of the name "gone"/);
      expect(worker.journal.lines).toEqual([]);
    });

    it('run on request-scoped providers of their own', async () => {
      let instances = 0;
      @Injectable({ scope: Scope.REQUEST })
      class Scoped {
        readonly number = (instances += 1);

        constructor(private readonly journal: Journal) {}

        @Task('scoped', { durable: true })
        work() {
          this.journal.write(this.number);
        }
      }
      const { queue: _queue, ...where } = place();
      const app = await open(where, [Scoped]);
      app.tasks.of(Scoped).work();
      app.tasks.of(Scoped).work();
      await app.journal.has(2);
      expect(new Set(app.journal.lines)).toEqual(new Set([1, 2]));
    });

    it('are given back at once by a shutdown, and the shielded ones end first', async () => {
      const { queue, ...where } = place();
      const app = await open(where);
      app.tasks.task({ shield: true }).of(Mail).send('waits', 'shielded');
      app.tasks.of(Mail).send('waits', 'plain');
      await app.journal.has(2);
      const closed = app.app.close();
      // A fetch that was under way may have it once more, and gives it back too.
      const counts = async () => queue.getJobCounts('waiting', 'active');
      for (let now = await counts(); now['waiting'] !== 1;)
        now = await counts();
      app.journal.gate.resolve();
      await closed;
      expect(await queue.getActiveCount()).toBe(0);
      expect(await queue.getWaitingCount()).toBe(1);

      const next = await open(where);
      next.journal.gate.resolve();
      await next.journal.has(1);
      expect(next.journal.lines).toMatchObject([{ more: 'plain', attempt: 1 }]);
      await settled(next);
    });
  },
);

describeWithRedisServer.each(platforms)(
  'durable tasks over $name, when Redis does not answer',
  (platform) => {
    async function open(
      server: RedisServer,
      fallback: 'in-process' | 'fail',
      worker?: false,
    ): Promise<TestApp & { journal: Journal; events: TaskEvent[] }> {
      const events: TaskEvent[] = [];
      const { connection } = server;
      const app = await createApp(platform, {
        tasks: {
          engine: bullmqEngine({
            connection,
            fallback,
            enqueueTimeout: 300,
            worker,
          }),
          observers: [(event) => void events.push(event)],
        },
        providers: [Mail, Journal, Gone],
        controllers: [MailController],
      });
      return { ...app, events, journal: app.app.get(Journal) };
    }

    it.each(['down', 'frozen'])(
      'run in this process under the same id: %s',
      async (how) => {
        const server = await RedisServer.start();
        const app = await open(server, 'in-process');
        if (how === 'down') await server.kill();
        else server.freeze();
        const answer = app.request('/?what=here', { method: 'POST' });
        expect(await timed(answer)).toBeLessThan(2_000);
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

    it("fail with `fallback: 'fail'`, and the route with those that are required", async () => {
      const server = await RedisServer.start();
      const app = await open(server, 'fail');
      await server.kill();
      const required = app.request('/?what=required', { method: 'POST' });
      expect(await timed(required)).toBeLessThan(2_000);
      expect((await required).status).toBe(500);
      const other = app.request('/?what=other', { method: 'POST' });
      expect((await other).status).toBe(201);
      await TasksTester.for(app.app).settled();
      expect(app.journal.lines).toEqual([]);

      await server.start();
      for (let status = 500; status !== 201;) {
        const again = app.request('/?what=required', { method: 'POST' });
        ({ status } = await again);
      }
      await app.journal.has(1);
    });

    it('start to be stored when Redis comes after the application', async () => {
      const server = await RedisServer.create();
      const start = performance.now();
      const app = await open(server, 'fail');
      expect(performance.now() - start).toBeLessThan(3_500);
      await server.start();
      for (let status = 500; status !== 201;) {
        const again = app.request('/?what=required', { method: 'POST' });
        ({ status } = await again);
      }
      await app.journal.has(1);
    });

    it('are stored by one round trip for all of one phase of a request', async () => {
      const server = await RedisServer.start();
      const app = await open(server, 'fail', false);
      const client = new Redis(server.connection);
      const reads = async () =>
        Number(/total_reads_processed:(\d+)/.exec(await client.info())?.[1]);
      try {
        // Redis learns the script from the first ones.
        await app.request('/?what=five', { method: 'POST' });
        const before = await reads();
        const idle = (await reads()) - before;
        const start = await reads();
        await app.request('/?what=five', { method: 'POST' });
        expect((await reads()) - start - idle).toBe(1);
      } finally {
        client.disconnect();
      }
    });
  },
);
