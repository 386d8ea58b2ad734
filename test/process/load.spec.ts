import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SOON_MS } from '../support/soon.js';
import type { LoadOptions } from './apps/load.js';
import { ChildApp } from './support/child-app.js';
import { adapters, useFixtures } from './support/fixtures.js';
import { KeepAliveLoad } from './support/keep-alive-load.js';

jest.setTimeout(120_000);
useFixtures();

const RUNS = Number(process.env['LOAD_RUNS'] ?? 2);
const CONNECTIONS = 100;
const REQUESTS_BEFORE = 500;
const REQUESTS_AFTER = 500;
// Longer than a busy machine takes for the tasks: what it breaks off is no loss to find here.
const shutdown = { gracePeriod: 60_000, abortPeriod: 500 } as const;
const BOUND_MS = shutdown.gracePeriod + shutdown.abortPeriod + SOON_MS;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tasks-under-load-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(adapters)(
  `SIGTERM under ${CONNECTIONS} connections of load on %s`,
  (adapter) => {
    it.each(Array.from({ length: RUNS }, (_, run) => run + 1))(
      'loses no shielded task, names every dropped one and ends in time (run %i)',
      async (run) => {
        const file = join(folder, `${adapter}-${run}`);
        const options: LoadOptions = { adapter, shutdown, file };
        const child = await ChildApp.start('load', options);
        const load = new KeepAliveLoad(
          Infinity,
          CONNECTIONS,
          (request) => `${child.url}/orders/${request}`,
        );
        await load.untilAnswered(REQUESTS_BEFORE);

        child.signal('SIGTERM');
        load.endAfter(REQUESTS_AFTER);
        const { signal, tookMs } = await child.ended();
        await load.done;

        expect(signal).toBe('SIGTERM');
        expect(tookMs).toBeLessThan(BOUND_MS);

        const scheduled = namesOf(child, { event: 'scheduled', shield: true });
        const succeeded = namesOf(child, { event: 'succeeded', shield: true });
        expect(scheduled.length).toBeGreaterThan(2 * REQUESTS_BEFORE);
        expect(succeeded).toEqual(scheduled);

        const confirmed = (await readFile(file, 'utf8')).trimEnd().split('\n');
        expect(confirmed.map((id) => `confirm_${id}`).sort()).toEqual(
          scheduled.filter((name) => name.startsWith('confirm_')),
        );

        const dropped = namesOf(child, { event: 'dropped' });
        expect(dropped.length).toBeGreaterThan(0);
        expect(namedInLog(child)).toEqual(dropped);
        expect(child.logged('error')).toEqual([]);

        printFigures(child, adapter, run, { load, tookMs });
      },
    );
  },
);

/** The names of the tasks of these events, sorted. */
function namesOf(
  child: ChildApp,
  { event, shield }: { event: string; shield?: boolean },
): string[] {
  return child
    .all('event')
    .filter((line) => line.event === event)
    .filter((line) => shield === undefined || line.shield === shield)
    .map(({ task }) => task)
    .sort();
}

/** The names in the lines about drops, sorted. */
function namedInLog(child: ChildApp): string[] {
  return child
    .logged('warn')
    .flatMap((line) => {
      const [, list] = /\d+ tasks? dropped: (.*)$/.exec(line) ?? [];
      const [, one] = /^Task "(.*)" was dropped/.exec(line) ?? [];
      return list?.split(', ') ?? one ?? [];
    })
    .sort();
}

function printFigures(
  child: ChildApp,
  adapter: string,
  run: number,
  { load, tookMs }: { load: KeepAliveLoad; tookMs: number },
): void {
  if (!process.env['FIGURES']) return;
  const first = child.indexOf('event', { event: 'dropped' });
  const carried = child.reports
    .slice(first)
    .filter(
      (line) =>
        line.is === 'event' && line.event === 'succeeded' && line.shield,
    ).length;
  const scheduled = namesOf(child, { event: 'scheduled', shield: true }).length;
  const lost =
    scheduled - namesOf(child, { event: 'succeeded', shield: true }).length;
  const figures = [
    `${adapter} run ${run}`,
    `${load.answered} requests answered`,
    `${scheduled} shielded tasks scheduled`,
    `${carried} of them ended after SIGTERM`,
    `${lost} lost`,
    `${namesOf(child, { event: 'dropped' }).length} unshielded dropped and named`,
    `process ended after ${Math.round(tookMs)} ms`,
  ];
  process.stdout.write(`${figures.join(', ')}\n`);
}
