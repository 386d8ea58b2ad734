import { strict as assert } from 'node:assert';
import type { TaskJob } from '../../durable/durable-engine.js';
import type { StoredJob, StoredJobs } from '../../durable/stored-jobs.js';
import { EVERY_MS, scheduleOf } from './recurring.js';
import type { Script } from './script.js';
import type { ScriptedHost } from './scripted-host.js';
import { all, storedScript } from './stored-script.js';

/** How long after one that was cancelled another one must begin. */
const SOON_MS = 10_000;

/** Whatever is done to an occurrence that waits, its schedule goes on. */
export const STORED_OCCURRENCES: readonly Script[] = [
  storedScript(
    'goes on with a schedule whose next occurrence is cancelled',
    async ({ engine, host, stored }) => {
      host.schedules = [scheduleOf('tick', { everyMs: EVERY_MS })];
      await engine.start(host);
      await stored.pause('default');
      const unwanted = await nextOf(stored, 'tick');
      assert.equal(await stored.cancel([unwanted]), 1);
      await stored.resume('default');
      const { id, scheduledFor = NaN } = unwanted.data as TaskJob;
      const laterMs = (await runsAfter(host, unwanted)) - scheduledFor;
      assert.ok(laterMs < SOON_MS, `another one began ${laterMs} ms later`);
      assert.equal(host.attemptsOf({ id }).length, 0);
      const cancelled = await stored.find(unwanted.jobId);
      assert.equal(cancelled?.status, 'cancelled');
    },
    { isStarted: false, feature: 'repeatSeconds' },
  ),
  storedScript(
    'goes on with a schedule when all that waits is removed',
    async ({ engine, host, stored, job }) => {
      host.schedules = [scheduleOf('tick', { everyMs: EVERY_MS })];
      await engine.start(host);
      await stored.pause('default');
      const next = await nextOf(stored, 'tick');
      const other = job();
      await engine.enqueue([other]);
      const waiting = await all(stored, { statuses: ['waiting', 'delayed'] });
      assert.ok((await stored.remove(waiting)) >= 1);
      assert.equal(await stored.find(other.id), undefined);
      await stored.resume('default');
      await runsAfter(host, next);
    },
    { isStarted: false, feature: 'repeatSeconds' },
  ),
];

/** The next occurrence of a schedule, once it is stored. */
async function nextOf(stored: StoredJobs, name: string): Promise<StoredJob> {
  for (;;) {
    const filter = { statuses: ['waiting', 'delayed'], name } as const;
    const [next] = await all(stored, filter);
    if (next) return next;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The date of the first later occurrence, once that has begun. */
async function runsAfter(
  host: ScriptedHost,
  { data }: StoredJob,
): Promise<number> {
  const { scheduledFor: after = NaN } = data as TaskJob;
  for (;;) {
    for (const { job } of host.runs) {
      const { scheduledFor = NaN } = job;
      if (scheduledFor > after) return scheduledFor;
    }
    await host.ran(host.runs.length + 1);
  }
}
