import { afterEach, expect, it, jest } from '@jest/globals';
import type { DurableEngine } from 'nestjs-tasks';
import { pgBossEngine, type PgBossEngineOptions } from 'nestjs-tasks/pg-boss';
import { Pool } from 'pg';
import { newJob, TestHost, timed } from './support/engine-bench.js';
import {
  describeWithPostgresServer,
  PostgresServer,
} from './support/postgres-server.js';

jest.setTimeout(60_000);

const engines: DurableEngine[] = [];
const pools: Pool[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop(100)));
  await PostgresServer.removeAll();
  await Promise.all(pools.splice(0).map((pool) => pool.end()));
});

const places = {
  'connections of its own': ({ connectionString }: PostgresServer) => ({
    connectionString,
  }),
  'the pool of the application': ({ connectionString }: PostgresServer) => {
    const pool = new Pool({ connectionString, connectionTimeoutMillis: 1_000 });
    // As an application must do that has a pool.
    pool.on('error', () => {});
    pools.push(pool);
    return { pool };
  },
};

function open(options: PgBossEngineOptions): DurableEngine {
  const engine = pgBossEngine({ enqueueTimeout: 500, ...options });
  engines.push(engine);
  return engine;
}

/** Resolves when jobs can be stored again. */
async function backAgain(engine: DurableEngine): Promise<void> {
  for (;;) {
    try {
      await engine.enqueue([newJob({ task: 'probe' })]);
      return;
    } catch {
      await new Promise(setImmediate);
    }
  }
}

describeWithPostgresServer.each(Object.entries(places))(
  'the engine over pg-boss with %s, when PostgreSQL',
  (_name, placeOf) => {
    it('is not there at the start, starts all the same, says so once, and works when it comes', async () => {
      const server = await PostgresServer.create();
      const engine = open(placeOf(server));
      const host = new TestHost();
      expect(await timed(engine.start(host))).toBeLessThan(4_000);
      await expect(engine.enqueue([newJob()])).rejects.toThrow(/ECONNREFUSED/);

      await server.start();
      await host.until(() => host.warnings.length > 0);
      const job = newJob();
      await engine.enqueue([job]);
      await host.until(() => host.runs.some((run) => run.job.id === job.id));
      expect(host.errors).toEqual([
        expect.stringMatching(
          /^pg-boss: the database does not answer.*REFUSED/,
        ),
      ]);
      expect(host.warnings).toEqual(['pg-boss: the database answers again.']);
    });

    it('is restarted, goes on with what is stored, and has the end of what ran in the meantime stored', async () => {
      const server = await PostgresServer.create();
      await server.start();
      const engine = open({ ...placeOf(server), worker: { lostAfter: '2s' } });
      const host = new TestHost();
      let finish = () => {};
      const finished = new Promise<void>((resolve) => (finish = resolve));
      host.answer = async ({ task }) => {
        if (task === 'long') await finished;
        return { status: 'done' };
      };
      await engine.start(host);
      const long = newJob({ task: 'long' });
      await engine.enqueue([long]);
      await host.until(() => host.runs.length === 1);

      await server.stop();
      await expect(engine.enqueue([newJob()])).rejects.toThrow();
      finish();
      await host.until(() => host.errors.length > 0);
      await server.start();
      await backAgain(engine);
      const after = newJob();
      await engine.enqueue([after]);
      await host.until(() => host.runs.some(({ job }) => job.id === after.id));
      await engine.stop(5_000);
      expect(host.runs.filter(({ job }) => job.id === long.id)).toHaveLength(1);
      expect(host.errors).toHaveLength(1);
    });

    it('is frozen, does not keep a call waiting, and goes on when it is not any more', async () => {
      const server = await PostgresServer.create();
      await server.start();
      const engine = open(placeOf(server));
      const host = new TestHost();
      await engine.start(host);
      await engine.enqueue([newJob()]);
      await host.until(() => host.runs.length === 1);

      server.freeze();
      const late = newJob();
      const storing = engine.enqueue([late]);
      storing.catch(() => {});
      // The application gives up by itself; what was sent may be stored all the same.
      await host.until(() => host.errors.length > 0);
      server.thaw();
      await backAgain(engine);
      const after = newJob();
      await engine.enqueue([after]);
      await host.until(() => host.runs.some(({ job }) => job.id === after.id));
      expect(host.errors).toEqual([
        expect.stringMatching(/^pg-boss: the database does not answer/),
      ]);
    });

    it('is frozen at the start, starts all the same, and refuses what cannot be stored in time', async () => {
      const server = await PostgresServer.create();
      await server.start();
      server.freeze();
      const engine = open(placeOf(server));
      const host = new TestHost();
      expect(await timed(engine.start(host))).toBeLessThan(5_000);
      expect(await timed(engine.enqueue([newJob()]))).toBeLessThan(1_500);
      server.thaw();
      await backAgain(engine);
      await host.until(() => host.runs.length > 0);
    });

    it('is frozen or gone at the end, stops within its time', async () => {
      const server = await PostgresServer.create();
      await server.start();
      for (const act of ['freeze', 'stop'] as const) {
        const engine = open(placeOf(server));
        const host = new TestHost();
        host.answer = () => new Promise(() => {});
        await engine.start(host);
        await engine.enqueue([newJob()]);
        await host.until(() => host.runs.length === 1);
        await server[act]();
        await engine.pause();
        expect(await timed(engine.stop(300))).toBeLessThan(1_500);
        expect(await timed(engine.stop(300))).toBeLessThan(100);
        if (act === 'freeze') server.thaw();
      }
    });
  },
);
