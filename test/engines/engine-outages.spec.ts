import { afterEach, describe, expect, it } from '@jest/globals';
import type { DurableEngine } from 'nestjs-tasks';
import { deferred } from '../support/deferred.js';
import { SOON_MS } from '../support/soon.js';
import { pause } from '../support/pause.js';
import {
  backAgain,
  newJob,
  newSchedule,
  TestHost,
  timed,
} from './support/engine-bench.js';
import { SERVERS } from './support/store-servers.js';

describe.each(SERVERS)('$name', (serverCase) => {
  serverCase.describe('when its store', () => {
    const { isGone, isBack } = serverCase;
    const engines: DurableEngine[] = [];
    afterEach(async () => {
      await Promise.all(engines.splice(0).map((engine) => engine.stop(100)));
      await serverCase.removeAll();
    });

    async function open() {
      const { server, engine: newEngine } = await serverCase.create();
      const engine = newEngine();
      engines.push(engine);
      return { server, engine, host: new TestHost() };
    }

    /** Resolves when a job that was stored now has been run. */
    async function runsAgain(engine: DurableEngine, host: TestHost) {
      await backAgain(engine);
      const job = newJob();
      await engine.enqueue([job]);
      await host.until(() => host.runs.some((run) => run.job.id === job.id));
    }

    it('is not there at the start, starts all the same, says so once, and works when it comes', async () => {
      const { server, engine, host } = await open();
      expect(await timed(engine.start(host))).toBeLessThan(SOON_MS);
      await expect(engine.enqueue([newJob()])).rejects.toThrow(/ECONNREFUSED/);

      await server.start();
      await host.until(() => host.warnings.length > 0);
      await runsAgain(engine, host);
      expect(host.errors).toEqual([expect.stringMatching(isGone)]);
      expect(host.errors).toEqual([expect.stringMatching(/ECONNREFUSED/)]);
      expect(host.warnings).toEqual([expect.stringMatching(isBack)]);
    });

    it('is not there at the start, has the recurring tasks when it comes', async () => {
      const { server, engine, host } = await open();
      host.schedules = [
        {
          task: 'hourly',
          recurrence: { everyMs: 3_600_000, missed: 'once', overlap: 'skip' },
          job: newSchedule('hourly'),
        },
      ];
      expect(await timed(engine.start(host))).toBeLessThan(SOON_MS);
      await server.start();
      await backAgain(engine);
      for (;;) {
        const [found] = (await engine.schedules?.().catch(() => [])) ?? [];
        if (found?.name === 'hourly') break;
        await pause();
      }
    });

    it('dies, rejects in time, goes on with what is stored, and stores the end of what ran meanwhile', async () => {
      const { server, engine, host } = await open();
      const finished = deferred();
      host.answer = async ({ task }) => {
        if (task === 'long') await finished.promise;
        return { status: 'done' };
      };
      await server.start();
      await engine.start(host);
      const long = newJob({ task: 'long' });
      await engine.enqueue([long]);
      await host.until(() => host.runs.length === 1);

      await server.kill();
      // What was sent before the loss is noticed may be stored, which is known afterwards.
      const unsettled = engine.enqueue([newJob()]).catch(() => {});
      await host.until(() => host.errors.length > 0);
      const lost = engine.enqueue([newJob()]);
      expect(await timed(lost)).toBeLessThan(SOON_MS);
      await expect(lost).rejects.toThrow();
      finished.resolve();
      await server.start();
      await unsettled;
      await runsAgain(engine, host);
      await engine.stop(5_000);
      expect(host.runs.filter(({ job }) => job.id === long.id)).toHaveLength(1);
      expect(host.errors).toHaveLength(1);
    });

    it('is frozen, keeps no call waiting, and works when it goes on', async () => {
      const { server, engine, host } = await open();
      await server.start();
      await engine.start(host);
      await engine.enqueue([newJob()]);
      await host.until(() => host.runs.length === 1);

      server.freeze();
      // What was sent may be stored all the same, so that an engine may wait for it.
      const stored = engine.enqueue([newJob()]).catch(() => {});
      const reported = host.until(() => host.errors.length > 0);
      await Promise.race([stored, reported]);
      server.thaw();
      await runsAgain(engine, host);
      for (const error of host.errors) expect(error).toMatch(isGone);
    });

    it('becomes a replica, refuses in time what is to be stored, says so once, and works when it is the primary again', async () => {
      const { server, engine, host } = await open();
      const finished = deferred();
      host.answer = async ({ task }) => {
        if (task === 'long') await finished.promise;
        return { status: 'done' };
      };
      await server.start();
      await engine.start(host);
      const long = newJob({ task: 'long' });
      await engine.enqueue([long]);
      await host.until(() => host.runs.length === 1);

      await server.demote();
      const refused = engine.enqueue([newJob()]);
      expect(await timed(refused)).toBeLessThan(SOON_MS);
      await expect(refused).rejects.toThrow();
      await host.until(() => host.errors.length > 0);
      // Its end is to be recorded while nothing can be written.
      finished.resolve();
      await server.promote();
      await runsAgain(engine, host);
      for (const error of host.errors) expect(error).toMatch(isGone);
      await host.until(() => host.warnings.some((line) => isBack.test(line)));
      await engine.stop(5_000);
      expect(host.runs.filter(({ job }) => job.id === long.id)).toHaveLength(1);
    });

    it('is frozen, keeps no task waiting that says how far it is', async () => {
      const { server, engine, host } = await open();
      const frozen = deferred();
      const waited = deferred<number>();
      host.answer = async (_job, _attempt, { progress }) => {
        await frozen.promise;
        waited.resolve(
          await timed(progress?.('{"args":[1]}') ?? frozen.promise),
        );
        return { status: 'done' };
      };
      await server.start();
      await engine.start(host);
      const job = newJob();
      await engine.enqueue([job]);
      await host.until(() => host.runs.length === 1);

      server.freeze();
      frozen.resolve();
      expect(await waited.promise).toBeLessThan(SOON_MS);
      server.thaw();
      host.answer = () => ({ status: 'done' });
      await runsAgain(engine, host);
    });

    it('is frozen at the start, starts all the same, and refuses what cannot be stored in time', async () => {
      const { server, engine, host } = await open();
      await server.start();
      server.freeze();
      expect(await timed(engine.start(host))).toBeLessThan(SOON_MS);
      expect(await timed(engine.enqueue([newJob()]))).toBeLessThan(SOON_MS);
      server.thaw();
      await backAgain(engine);
      await host.until(() => host.runs.length > 0);
    });

    it.each(['down', 'frozen', 'down from the start'] as const)(
      'is %s, stops in its time, as often as it is asked to',
      async (how) => {
        const { server, engine, host } = await open();
        host.answer = () => new Promise(() => {});
        if (how !== 'down from the start') await server.start();
        await engine.start(host);
        if (how !== 'down from the start') {
          await engine.enqueue([newJob()]);
          await host.until(() => host.runs.length === 1);
        }
        if (how === 'down') await server.kill();
        if (how === 'frozen') server.freeze();
        await engine.pause();
        expect(await timed(engine.stop(300))).toBeLessThan(SOON_MS);
        expect(await timed(engine.stop(30_000))).toBeLessThan(SOON_MS);
      },
    );
  });
});
