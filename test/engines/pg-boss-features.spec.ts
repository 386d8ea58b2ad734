import { afterAll, afterEach, expect, it } from '@jest/globals';
import type { DurableEngine, TaskJob } from 'nestjs-tasks';
import { pgBossEngine, type PgBossEngineOptions } from 'nestjs-tasks/pg-boss';
import { PgBoss } from 'pg-boss';
import { deferred } from '../support/deferred.js';
import { idsOf, newJob, TestHost } from './support/engine-bench.js';
import {
  describeWithPostgres,
  POSTGRES_URL,
  PostgresSpace,
} from './support/postgres.js';
import { pause } from '../support/pause.js';

const QUEUE = 'nestjs-tasks';

describeWithPostgres(
  'what pg-boss itself can do with the jobs of tasks',
  () => {
    const space = new PostgresSpace();
    const engines: DurableEngine[] = [];
    const bosses: PgBoss[] = [];

    afterEach(async () => {
      await Promise.all(engines.splice(0).map((engine) => engine.stop(500)));
      await Promise.all(
        bosses.splice(0).map((boss) => boss.stop({ graceful: false })),
      );
    });
    afterAll(() => space.close());

    async function open(options: Omit<PgBossEngineOptions, 'pool'> = {}) {
      const schema = space.schema();
      const engine = pgBossEngine({
        enqueueTimeout: '30s',
        connectionString: POSTGRES_URL,
        schema,
        ...options,
      });
      engines.push(engine);
      const host = new TestHost();
      await engine.start(host);
      const boss = new PgBoss({
        connectionString: POSTGRES_URL,
        schema,
        supervise: false,
        schedule: false,
        migrate: false,
        registerInstance: false,
      });
      bosses.push(boss);
      await boss.start();
      const stateOf = async (id: string, queue = QUEUE) =>
        (await boss.findJobs(queue, { id }))[0]?.state;
      const hasState = async (id: string, state: string) => {
        while ((await stateOf(id)) !== state) await pause();
      };
      return { engine, host, boss, schema, stateOf, hasState };
    }

    it('includes a dead letter queue, and redriving from it', async () => {
      const { engine, host, boss } = await open();
      await boss.createQueue('dead');
      await boss.updateQueue(QUEUE, { deadLetter: 'dead' });
      host.answer = (_job, attempt) =>
        host.runs.length > 2
          ? { status: 'done' }
          : attempt < 2
            ? { status: 'retry', afterMs: 0, error: new Error('again') }
            : { status: 'failed', error: new Error('no funds') };
      const job = newJob();
      await engine.enqueue([job]);
      const dead = async () => boss.findJobs<TaskJob>('dead');
      while ((await dead()).length === 0) await pause();
      expect(await dead()).toMatchObject([
        { data: job, sourceName: QUEUE, sourceOutput: { message: 'no funds' } },
      ]);
      // The task itself is among those that StoredTasks shows as failed, and can run again.
      const { jobs: failed = [] } =
        (await engine.stored?.page({ statuses: ['failed'] }, 10)) ?? {};
      expect(failed).toMatchObject([
        {
          data: job,
          attempt: 2,
          error: { name: 'Error', message: 'no funds' },
        },
      ]);
      expect((await engine.stored?.counts())?.failed).toBe(1);

      expect(await boss.redrive('dead')).toBe(1);
      await host.until(() => host.runs.length === 3);
      expect(host.runs[2]).toMatchObject({ job, attempt: 1 });
      expect(await engine.stored?.retry(failed)).toBe(1);
      await host.until(() => host.runs.length === 4);
      expect(host.runs[3]).toMatchObject({ job, attempt: 3 });
    });

    it('includes a dead letter queue that is a queue of the application', async () => {
      const { engine, host, boss } = await open({
        worker: { queues: { default: 1, dead: 0 } },
      });
      await boss.updateQueue(QUEUE, { deadLetter: `${QUEUE}.dead` });
      host.answer = () => ({ status: 'failed', error: new Error('no funds') });
      const job = newJob();
      await engine.enqueue([job]);
      const inQueue = async () =>
        engine.stored?.page({ statuses: ['waiting'], queue: 'dead' }, 10);
      while ((await inQueue())?.jobs.length === 0) await pause();
      const { jobs: letters = [] } = (await inQueue()) ?? {};
      expect(letters).toMatchObject([{ queue: 'dead', data: job }]);
      expect((await engine.stored?.counts('dead'))?.waiting).toBe(1);
      expect(await engine.stored?.remove(letters)).toBe(1);
    });

    it('includes a dead letter queue for jobs with a key', async () => {
      const { engine, host, boss } = await open({ worker: false });
      await boss.createQueue('dead');
      await boss.updateQueue(QUEUE, { deadLetter: 'dead' });
      const [id = ''] = await idsOf(engine, [newJob({ key: 'k' })]);
      expect(await boss.findJobs(QUEUE, { id })).toMatchObject([
        { deadLetter: 'dead' },
      ]);
      expect(host.errors).toEqual([]);
    });

    it('includes another try of a failed job, with all of its retries', async () => {
      const { engine, host, boss, hasState } = await open();
      const seen: (number | undefined)[] = [];
      host.answer = (_job, _attempt, details) => {
        seen.push(details?.failures);
        const error = new Error('away');
        return details?.failures === 2
          ? { status: 'failed', error }
          : { status: 'retry', afterMs: 0, error };
      };
      const [id = ''] = await idsOf(engine, [newJob()]);
      for (let round = 1; round <= 2; round += 1) {
        await host.until(() => host.runs.length === round * 3);
        await hasState(id, 'failed');
        expect(await boss.retry(QUEUE, id)).toMatchObject({ affected: 1 });
      }
      await host.until(() => host.runs.length === 7);
      expect(seen.slice(0, 7)).toEqual([0, 1, 2, 0, 1, 2, 0]);
      expect(host.runs.map(({ attempt }) => attempt).slice(0, 7)).toEqual([
        1, 2, 3, 4, 5, 6, 7,
      ]);
    });

    it('includes the cancellation of a running job: its signal fires, and it stays cancelled', async () => {
      const { engine, host, boss, stateOf } = await open();
      const reasons: unknown[] = [];
      host.answer = async (_job, _attempt, { signal }) => {
        const fired = deferred();
        signal?.addEventListener('abort', () => fired.resolve());
        await fired.promise;
        reasons.push(signal?.reason);
        return { status: 'lost', error: new Error('cancelled') };
      };
      const [id = ''] = await idsOf(engine, [newJob()]);
      await host.until(() => host.runs.length === 1);
      await boss.cancel(QUEUE, id);
      await engine.stop(60_000);
      expect(reasons).toEqual([
        expect.objectContaining({ code: 'TASK_CANCELLED' }),
      ]);
      expect(await stateOf(id)).toBe('cancelled');
      expect(host.runs).toHaveLength(1);
    });

    it('includes jobs that are put there by hand: what is refused is kept as failed, once', async () => {
      const { host, boss, hasState } = await open();
      host.answer = () => ({ status: 'refused', error: new Error('no task') });
      for (const data of [null, { text: 'hello' }, newJob()]) {
        const id = await boss.send(QUEUE, data, { retryLimit: 5 });
        await hasState(String(id), 'failed');
      }
      expect(host.runs).toHaveLength(3);
    });

    it('includes its registry of instances', async () => {
      const { boss } = await open();
      expect(await boss.getInstances()).toMatchObject([
        { supervise: true, stoppedOn: null },
      ]);
    });

    it('includes the announcement of jobs by NOTIFY, of whoever stores them', async () => {
      const { host, boss } = await open({ worker: { pollInterval: '1h' } });
      await boss.send(QUEUE, newJob());
      await host.until(() => host.runs.length === 1);
    });
  },
);
