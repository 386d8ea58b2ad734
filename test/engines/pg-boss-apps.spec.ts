import { afterAll, afterEach, expect, it, jest } from '@jest/globals';
import {
  Controller,
  Injectable,
  Post,
  Query,
  Scope,
  type Type,
} from '@nestjs/common';
import {
  AppTasks,
  currentTask,
  OnTaskError,
  Task,
  Tasks,
  type TaskEvent,
  type TasksModuleOptions,
} from 'nestjs-tasks';
import {
  fromPg,
  pgBossEngine,
  type PgBossDatabase,
  type PgBossEngineOptions,
} from 'nestjs-tasks/pg-boss';
import { TasksTester } from 'nestjs-tasks/testing';
import { closeApps, createApp, type TestApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import { newJob } from './support/engine-bench.js';
import {
  describeWithPostgres,
  POSTGRES_URL,
  PostgresSpace,
} from './support/postgres.js';

jest.setTimeout(30_000);

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
class Orders {
  constructor(private readonly journal: Journal) {}

  @Task('pay', {
    durable: true,
    retries: 1,
    backoff: { type: 'fixed', delay: 10 },
  })
  async pay(what: string, more?: unknown): Promise<void> {
    const { attempt, key, phase, id } = currentTask();
    this.journal.write({ what, more, attempt, key, phase, id });
    if (what === 'fails') throw new RangeError('no money');
    if (what === 'flaky' && attempt === 1) throw new Error('once more');
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
class OrdersController {
  @Post()
  handle(@Tasks() tasks: Tasks, @Query('what') what: string): void {
    switch (what) {
      case 'phases':
        tasks.of(Orders).pay('now', new Map([[1n, new Date(0)]]));
        for (const n of [1, 2, 3])
          tasks.afterRoute.of(Orders).pay(`route ${n}`);
        for (const n of [1, 2]) tasks.afterResponse.of(Orders).pay(`end ${n}`);
        return;
      case 'gone':
        tasks.afterRoute.of(Gone).vanish();
        return;
      default:
        tasks.afterRoute
          .task({ key: `key:${what}` })
          .of(Orders)
          .pay(what);
    }
  }
}

afterEach(closeApps);

describeWithPostgres.each(platforms)(
  'durable tasks in PostgreSQL over $name',
  (platform) => {
    const space = new PostgresSpace();
    afterAll(() => space.close());

    type App = TestApp & { events: TaskEvent[]; journal: Journal };

    async function open(
      engine: PgBossEngineOptions,
      providers: Type[] = [],
      tasks: TasksModuleOptions = {},
    ): Promise<App> {
      const events: TaskEvent[] = [];
      const place = engine.db ? {} : { connectionString: POSTGRES_URL };
      const app = await createApp(platform, {
        tasks: {
          engine: pgBossEngine({ ...place, ...engine }),
          observers: [(event) => void events.push(event)],
          ...tasks,
        },
        providers: [Orders, Journal, ...providers],
        controllers: providers.includes(Gone) ? [OrdersController] : [],
      });
      return { ...app, events, journal: app.app.get(Journal) };
    }

    const post = ({ request }: TestApp, what: string) =>
      request(`/?what=${what}`, { method: 'POST' });

    const settled = ({ app }: TestApp) => TasksTester.for(app).settled();

    const rowsOf = (schema: string) =>
      space.query<{ id: string; state: string; output: unknown; task: string }>(
        `SELECT id, state::text, output, data->>'id' AS task FROM ${schema}.job WHERE name = 'nestjs-tasks'`,
      );

    it('are stored when the response says so, and run in another process under the same id', async () => {
      const schema = space.schema();
      const api = await open({ schema, worker: false }, [Gone]);
      expect((await post(api, 'hello')).status).toBe(201);
      const [row] = await rowsOf(schema);
      expect(row).toMatchObject({ state: 'created' });
      expect(api.journal.lines).toEqual([]);

      const worker = await open({ schema });
      await worker.journal.has(1);
      await settled(worker);
      expect(worker.journal.lines).toEqual([
        {
          what: 'hello',
          attempt: 1,
          key: 'key:hello',
          phase: 'afterRoute',
          id: row?.task,
          more: undefined,
        },
      ]);
      const story = ({ events }: App) =>
        events.map(({ type, task }) => [type, task.id]);
      expect(story(api)).toEqual([
        ['scheduled', row?.task],
        ['enqueued', row?.task],
      ]);
      expect(story(worker)).toEqual([
        ['started', row?.task],
        ['succeeded', row?.task],
      ]);
    });

    it('of one phase of a request make one round trip, and run in all phases', async () => {
      const schema = space.schema();
      const inserts: unknown[] = [];
      const db: PgBossDatabase = {
        executeSql: (text, values) => {
          if (text.includes('json_to_recordset')) inserts.push(values?.[0]);
          return space.pool.query(text, values);
        },
      };
      const api = await open({ db, schema, worker: false }, [Gone]);
      await post(api, 'phases');
      await settled(api);
      expect(inserts.map((list) => JSON.parse(String(list)).length)).toEqual([
        4, 2,
      ]);

      const worker = await open({ schema });
      await worker.journal.has(6);
      expect(worker.journal.lines).toEqual(
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

    it('are tried again, and their failure is told to error handlers and kept', async () => {
      const schema = space.schema();
      const told: unknown[] = [];
      @Injectable()
      class Alerts {
        @OnTaskError('pay')
        alert({ name, attempt }: Task, { message }: Error) {
          told.push([name, attempt, message]);
        }
      }
      const app = await open({ schema }, [Gone, Alerts]);
      await post(app, 'flaky');
      await post(app, 'fails');
      await app.journal.has(4);
      await settled(app);
      await app.app.close();
      expect(told).toEqual([['pay', 2, 'no money']]);
      const rows = await rowsOf(schema);
      expect(rows.map(({ state }) => state).toSorted()).toEqual([
        'completed',
        'failed',
      ]);
      expect(
        rows.find(({ state }) => state === 'failed')?.output,
      ).toMatchObject({ name: 'RangeError', message: 'no money' });
    });

    it('that a worker does not know, or that are newer than it, are refused and kept', async () => {
      const schema = space.schema();
      const api = await open({ schema, worker: false }, [Gone]);
      await post(api, 'gone');
      const newer = pgBossEngine({ pool: space.pool, schema, worker: false });
      await newer.enqueue([newJob({ task: 'pay', version: 99 })]);
      await newer.stop(1_000);
      const worker = await open({ schema });
      worker.tasks.of(Orders).pay('after them');
      await worker.journal.has(1);
      await worker.app.close();
      const rows = await rowsOf(schema);
      expect(
        rows
          .filter(({ state }) => state === 'failed')
          .map(({ output }) => output),
      ).toEqual([
        expect.objectContaining({ name: 'TaskRefusedError' }),
        expect.objectContaining({ name: 'TaskRefusedError' }),
      ]);
      const errors = worker.log.messages('error');
      expect(errors).toHaveLength(2);
      expect(errors).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/was refused: it was written by a newer/),
          expect.stringMatching(/was refused: no task of the name "gone"/),
        ]),
      );
      expect(worker.journal.lines).toHaveLength(1);
    });

    it('run on request-scoped providers of their own', async () => {
      const seen: number[] = [];
      let instances = 0;
      @Injectable({ scope: Scope.REQUEST })
      class Scoped {
        readonly number = (instances += 1);

        constructor(private readonly journal: Journal) {}

        @Task('scoped', { durable: true })
        work() {
          seen.push(this.number);
          this.journal.write(this.number);
        }
      }
      const app = await open({ schema: space.schema() }, [Scoped]);
      app.tasks.of(Scoped).work();
      app.tasks.of(Scoped).work();
      await app.journal.has(2);
      expect(new Set(seen).size).toBe(2);
    });

    it('go back to the queue at a shutdown, and run elsewhere at once with the same attempt', async () => {
      const schema = space.schema();
      const first = await open({ schema });
      first.tasks.of(Orders).pay('waits');
      await first.journal.has(1);
      const second = await open({ schema });
      second.journal.gate.resolve();
      const start = performance.now();
      await first.app.close();
      await second.journal.has(1);
      // Long before it would count as lost.
      expect(performance.now() - start).toBeLessThan(4_000);
      const [[before], [after]] = [first.journal.lines, second.journal.lines];
      expect(after).toEqual(before);
      first.journal.gate.resolve();
    });

    it('are awaited by a shutdown when they are shielded', async () => {
      const schema = space.schema();
      const app = await open({ schema });
      app.tasks.task({ shield: true }).of(Orders).pay('waits');
      await app.journal.has(1);
      const closed = app.app.close();
      app.journal.gate.resolve();
      await closed;
      expect(await rowsOf(schema)).toMatchObject([{ state: 'completed' }]);
    });

    it('run here, under the same id, when PostgreSQL is not there', async () => {
      const app = await open(
        {
          db: { executeSql: () => Promise.reject(new Error('ECONNREFUSED')) },
        },
        [Gone],
      );
      expect((await post(app, 'hello')).status).toBe(201);
      await settled(app);
      expect(app.events.map(({ type }) => type)).toEqual([
        'scheduled',
        'fallback',
        'started',
        'succeeded',
      ]);
      expect(new Set(app.events.map(({ task }) => task.id)).size).toBe(1);
    });

    it('of an outbox reach the worker with their transaction, and only then', async () => {
      const schema = space.schema();
      const { app, journal } = await open({ schema });
      const client = await space.pool.connect();
      const tasks = app.get(AppTasks);
      const pay = (what: string) =>
        tasks
          .task({ transaction: fromPg(client) })
          .of(Orders)
          .pay(what);
      await client.query('BEGIN');
      await pay('undone').settled();
      await client.query('ROLLBACK');
      await client.query('BEGIN');
      await pay('done').settled();
      await client.query('COMMIT');
      client.release();
      await journal.has(1);
      await app.close();
      expect(journal.lines).toMatchObject([{ what: 'done' }]);
      expect(await rowsOf(schema)).toHaveLength(1);
    });
  },
);
