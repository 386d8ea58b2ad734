import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  it,
} from '@jest/globals';
import { Injectable, Scope } from '@nestjs/common';
import { OnTaskError, Task, type TaskErrorHandler } from 'nestjs-tasks';
import { TasksTester } from 'nestjs-tasks/testing';
import { closeApps } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import { newJob } from './support/engine-bench.js';
import {
  Gone,
  Journal,
  Mail,
  openMailApp,
  type MailApp,
  type MailAppOptions,
} from './support/mail-app.js';
import { ENGINES, type QueueSpace } from './support/shared-queues.js';
import { pause } from '../support/pause.js';

afterEach(closeApps);

describe.each(ENGINES)('durable tasks in $name', (engineCase) => {
  engineCase.describe.each(platforms)('over $name', (platform) => {
    let space: QueueSpace;
    beforeAll(() => void (space = engineCase.space()));
    afterAll(() => space.close());

    const open = (options: Omit<MailAppOptions, 'platform'>) =>
      openMailApp({ platform, ...options });

    const settled = ({ app }: MailApp) => TasksTester.for(app).settled();

    it('are stored when the response says so, and run in another process under the same id', async () => {
      const queue = space.queue();
      const engine = queue.engine({ worker: false });
      const api = await open({ engine, providers: [Gone] });
      expect((await api.post('hello')).status).toBe(201);
      const [stored] = await queue.jobs();
      expect(stored?.state).toBe('waiting');
      expect(api.journal.lines).toEqual([]);

      const worker = await open({ engine: queue.engine() });
      await worker.journal.has(1);
      await settled(worker);
      expect(worker.journal.lines).toEqual([
        {
          what: 'hello',
          more: undefined,
          attempt: 1,
          key: 'key:hello',
          phase: 'afterRoute',
          id: stored?.id,
        },
      ]);
      const story = ({ events }: MailApp) =>
        events.map(({ type, task }) => [type, task.id]);
      expect(story(api)).toEqual([
        ['scheduled', stored?.id],
        ['enqueued', stored?.id],
      ]);
      expect(story(worker)).toEqual([
        ['started', stored?.id],
        ['succeeded', stored?.id],
      ]);
    });

    it('run in all phases, with the arguments of their calls', async () => {
      const engine = space.queue().engine();
      const app = await open({ engine, providers: [Gone] });
      await app.post('phases');
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

    it('that fail are tried again, then kept, and reported to the error handlers of the worker', async () => {
      const reported: unknown[] = [];
      const both = deferred();
      const reportAs =
        (handler: string): TaskErrorHandler =>
        (task, error) => {
          reported.push([handler, task.name, task.attempt, error.message]);
          if (reported.length === 2) both.resolve();
        };
      @Injectable()
      class Alerts {
        @OnTaskError('mail')
        alert(task: Task, error: Error) {
          return reportAs('@OnTaskError')(task, error);
        }
      }
      const queue = space.queue();
      const engine = queue.engine({ worker: false });
      const api = await open({ engine, providers: [Gone] });
      await api.post('flaky');
      await api.post('fails');
      const worker = await open({
        engine: queue.engine(),
        providers: [Alerts],
        tasks: { onError: reportAs('onError') },
      });
      await worker.journal.has(4);
      await both.promise;
      await worker.app.close();
      expect(new Set(reported)).toEqual(
        new Set([
          ['@OnTaskError', 'mail', 2, 'refused'],
          ['onError', 'mail', 2, 'refused'],
        ]),
      );
      expect(await queue.jobs()).toMatchObject([
        { state: 'failed', error: 'TypeError: refused' },
      ]);
    });

    it('that a worker does not know, or that are newer than it, are put back for one that does', async () => {
      const queue = space.queue();
      const engine = queue.engine({ worker: false });
      const api = await open({ engine, providers: [Gone] });
      await api.post('gone');
      const newer = queue.engine({ worker: false });
      await newer.enqueue([newJob({ task: 'mail', version: 99 })]);
      await newer.stop(1_000);

      const old = await open({ engine: queue.engine() });
      while (old.log.messages('warn').length < 2) await pause();
      await old.app.close();
      expect(new Set(old.log.messages('warn'))).toEqual(
        new Set([
          expect.stringMatching(/it was written by a newer version/),
          expect.stringMatching(/no task named "gone" is declared here/),
        ]),
      );
      expect(old.log.messages('error')).toEqual([]);
      expect((await queue.jobs()).map(({ state }) => state)).toEqual([
        'waiting',
        'waiting',
      ]);

      const updated = await open({ engine: queue.engine(), providers: [Gone] });
      while (updated.events.length < 2) await pause();
      expect(
        updated.events.map(({ type, task }) => [type, task.name, task.attempt]),
      ).toEqual([
        ['started', 'gone', 1],
        ['succeeded', 'gone', 1],
      ]);
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
      const engine = space.queue().engine();
      const app = await open({ engine, providers: [Scoped] });
      app.tasks.of(Scoped).work();
      app.tasks.of(Scoped).work();
      await app.journal.has(2);
      expect(new Set(app.journal.lines)).toEqual(new Set([1, 2]));
    });

    it('may end when their worker shuts down, and run elsewhere when they do not', async () => {
      const queue = space.queue();
      const leaving = await open({
        engine: queue.engine(),
        tasks: { shutdown: { gracePeriod: '1h', abortPeriod: 0 } },
      });
      const ends = leaving.tasks.of(Mail).send('waits', 'ends');
      await leaving.journal.has(1);
      const closed = leaving.app.close();
      const staying = await open({ engine: queue.engine() });
      leaving.journal.gate.resolve();
      await closed;
      expect(
        leaving.events.filter(({ type }) => type === 'succeeded'),
      ).toMatchObject([{ task: { id: ends.id } }]);

      const second = await open({
        engine: queue.engine(),
        tasks: { shutdown: { gracePeriod: 20, abortPeriod: 20 } },
      });
      await staying.app.close();
      const hangs = second.tasks.of(Mail).send('waits', 'hangs');
      await second.journal.has(1);
      const last = await open({ engine: queue.engine() });
      await second.app.close();
      await last.journal.has(1);
      expect(second.journal.lines).toMatchObject([
        { id: hangs.id, attempt: 1 },
      ]);
      expect(last.journal.lines).toMatchObject([{ id: hangs.id, attempt: 2 }]);
      last.journal.gate.resolve();
      // The store records an end after the task has settled.
      while ((await queue.jobs()).length > 0) await pause();
    });

    it('run here, under the same id, when their store cannot be reached', async () => {
      const engine = space.unreachable();
      const app = await open({ engine, providers: [Gone] });
      expect((await app.post('hello')).status).toBe(201);
      await settled(app);
      expect(app.events.map(({ type }) => type)).toEqual([
        'scheduled',
        'fallback',
        'started',
        'succeeded',
      ]);
      expect(new Set(app.events.map(({ task }) => task.id)).size).toBe(1);
    });
  });
});
