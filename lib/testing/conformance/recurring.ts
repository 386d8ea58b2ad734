import { strict as assert } from 'node:assert';
import type { TaskRecurrence } from '../../core/task/recurrence.js';
import type { DurableEngine } from '../../durable/durable-engine.js';
import { OCCURRENCE_VERSION } from '../../durable/envelope.js';
import type { TaskSchedule } from '../../durable/task-schedule.js';
import { gate, type Script } from './script.js';
import { ScriptedHost } from './scripted-host.js';

/** Longer than a store needs to record an outcome. */
export const EVERY_MS = 500;

const HOURLY: Dates = { everyMs: 3_600_000 };
const NIGHTLY: Dates = { cron: '0 3 * * *', timeZone: 'Europe/Berlin' };

type Dates =
  | { readonly everyMs: number }
  | { readonly cron: string; readonly timeZone: string };

/** A schedule runs a job at each of its dates, in one of the processes that declare it. */
export const RECURRING: readonly Script[] = [
  {
    name: 'runs each occurrence of a schedule as a job of its own, when it is due',
    feature: 'repeatSeconds',
    isStarted: false,
    act: async ({ engine, host }) => {
      host.schedules = [scheduleOf('tick', { everyMs: EVERY_MS })];
      await engine.start(host);
      await host.ran(3);
      const jobs = host.runs.slice(0, 3).map(({ job }) => job);
      const dates = jobs.map(({ scheduledFor = NaN }) => scheduledFor);
      assert.deepEqual(
        dates,
        [0, 1, 2].map((n) => (dates[0] ?? NaN) + n * EVERY_MS),
      );
      assert.ok(dates.every((date) => date % EVERY_MS === 0));
      assert.equal(new Set(jobs.map(({ id }) => id)).size, 3);
      for (const { job, attempt, startedOn } of host.runs.slice(0, 3)) {
        assert.equal(attempt, 1);
        assert.equal(job.task, 'tick');
        // Timers may fire a millisecond early.
        assert.ok(startedOn + 1 >= (job.scheduledFor ?? NaN));
      }
      const [stored] = (await engine.schedules?.()) ?? [];
      assert.equal(stored?.everyMs, EVERY_MS);
    },
  },
  {
    name: 'gives the attempts at one occurrence the same job',
    feature: 'repeatSeconds',
    isStarted: false,
    act: async ({ engine, host }) => {
      host.schedules = [scheduleOf('tick', { everyMs: EVERY_MS })];
      host.answer = ({ attempt }) =>
        attempt === 1
          ? { status: 'retry', afterMs: 0, error: new Error('once') }
          : { status: 'done' };
      await engine.start(host);
      const again = () => host.runs.find(({ attempt }) => attempt === 2);
      while (!again()) await host.ran(host.runs.length + 1);
      const { job } = again() ?? {};
      const [first] = host.runs.filter((run) => run.job.id === job?.id);
      assert.deepEqual(job, first?.job);
    },
  },
  {
    name: 'knows whether an earlier occurrence has ended',
    feature: 'repeatSeconds',
    isStarted: false,
    act: async ({ engine, host }) => {
      host.schedules = [scheduleOf('tick', { everyMs: EVERY_MS })];
      const { opened, open } = gate();
      // Only then may the first one end: a third that is asked for may not have begun.
      const { opened: threeHaveBegun, open: thirdBegins } = gate();
      const begun: (boolean | undefined)[] = [];
      host.answer = async ({ begin, attempt }) => {
        begun.push(await begin?.('skip'));
        if (begun.length === 3) thirdBegins();
        if (begun.length > 1) return { status: 'done' };
        await opened;
        assert.equal(attempt, 1);
        return { status: 'done' };
      };
      await engine.start(host);
      await threeHaveBegun;
      open();
      for (let count = 4; begun.at(-1) !== true; count += 1) {
        await host.ran(count);
        await new Promise(setImmediate);
      }
      assert.deepEqual(begun.slice(0, 3), [true, false, false]);
    },
  },
  {
    name: 'keeps one schedule for all processes that start at once',
    feature: 'repeatSeconds',
    isStarted: false,
    act: async ({ engine }) => {
      const hosts = Array.from({ length: 4 }, () => new ScriptedHost());
      const engines = hosts.map(() => engine.open?.());
      try {
        await Promise.all(
          hosts.map(async (host, index) => {
            host.schedules = [
              scheduleOf('tick', { everyMs: EVERY_MS }),
              scheduleOf('tock', { cron: '* * * * * *', timeZone: 'UTC' }),
            ];
            await engines[index]?.start(host);
          }),
        );
        const counts = new Map<string, number>();
        while (counts.size < 6) {
          await Promise.race(
            hosts.map((host) => host.ran(host.runs.length + 1)),
          );
          counts.clear();
          for (const { job } of hosts.flatMap(({ runs }) => runs)) {
            counts.set(job.id, (counts.get(job.id) ?? 0) + 1);
          }
        }
        // Each process of an engine without a store is a cluster of its own.
        const clusters = hosts.filter(({ changes }) => changes.length > 0);
        assert.ok(clusters.length > 0);
        for (const count of counts.values()) {
          assert.ok(count <= clusters.length, `it ran ${count} times`);
        }
      } finally {
        await stopAll(engines);
      }
    },
  },
  {
    name: 'changes what is declared otherwise, and ends what nobody declares',
    feature: 'repeat',
    isStarted: false,
    act: async ({ engine }) => {
      const first = await started(engine, [
        scheduleOf('hourly', HOURLY),
        scheduleOf('nightly', NIGHTLY),
      ]);
      if (!first) return;
      assert.deepEqual(first.host.changes, [
        { added: ['hourly', 'nightly'], changed: [], removed: [] },
      ]);
      const same = await started(engine, first.host.schedules);
      const isShared = same?.host.changes.length === 0;
      await stopAll([first.engine]);
      // What nobody declares is still declared by this process.
      const other = await started(engine, [scheduleOf('other', HOURLY)]);
      const names = await namesOf(other?.engine);
      await stopAll([same?.engine, other?.engine]);
      if (!isShared) return;
      assert.deepEqual(names, ['hourly', 'nightly', 'other']);

      const changed = scheduleOf('hourly', { everyMs: 2 * 3_600_000 });
      const later = await started(engine, [changed]);
      const [stored, ...others] = (await later?.engine.schedules?.()) ?? [];
      await stopAll([later?.engine]);
      const [changes] = later?.host.changes ?? [];
      assert.deepEqual(changes?.changed, ['hourly']);
      assert.deepEqual(changes.removed.toSorted(), ['nightly', 'other']);
      assert.equal(stored?.everyMs, changed.recurrence.everyMs);
      assert.deepEqual(others, []);
    },
  },
];

export function scheduleOf(
  task: string,
  dates: Dates,
  more: Partial<Pick<TaskRecurrence, 'missed' | 'overlap'>> = {},
): TaskSchedule {
  return {
    task,
    recurrence: { ...dates, missed: 'once', overlap: 'skip', ...more },
    job: {
      version: OCCURRENCE_VERSION,
      task,
      args: '',
      phase: 'immediate',
      options: {},
    },
  };
}

/** An engine with the same store, once it has started with these schedules. */
async function started(
  subject: DurableEngine,
  schedules: readonly TaskSchedule[],
): Promise<{ engine: DurableEngine; host: ScriptedHost } | undefined> {
  const engine = subject.open?.();
  if (!engine) return undefined;
  const host = new ScriptedHost();
  host.schedules = schedules;
  await engine.start(host);
  return { engine, host };
}

async function namesOf(engine: DurableEngine | undefined): Promise<string[]> {
  const schedules = (await engine?.schedules?.()) ?? [];
  return schedules.map(({ name }) => name).toSorted();
}

async function stopAll(
  engines: readonly (DurableEngine | undefined)[],
): Promise<void> {
  for (const engine of engines) {
    await engine?.pause();
    await engine?.stop(1_000);
  }
}
