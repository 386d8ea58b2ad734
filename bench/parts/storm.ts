import { STORMS, type StormName } from '../apps/apps.js';
import type { Platform } from '../apps/platform.js';
import { STORM_TASKS, TASK_MS, type StormOver } from '../apps/storm-work.js';
import type { Foreground } from '../children/foreground.js';
import type { ServerReady, ServerUsage } from '../children/server.js';
import { differences, keeps, ratios } from '../figures/comparison.js';
import { figure, number, ratio } from '../figures/format.js';
import { markdownTable } from '../figures/markdown-table.js';
import { figureOf, median } from '../figures/statistics.js';
import { Child } from '../processes/child.js';
import type { CpuPlan } from '../processes/cpus.js';
import type { Part, Target } from './part.js';

/** One storm: the latencies of other requests, and how long it took. */
interface Storm extends Foreground {
  readonly durationMs: number;
}

type Storms = Record<StormName, Storm[]>;

const PER_SECOND = 500;
const CALM_MS = 300;
const NAMES = [
  'storm-at-once',
  'storm-of-tasks',
  'storm-unwatched',
  'storm-watched',
] as const;

/**
 * The latency of other requests while thousands of tasks are due, and the total time. Two
 * processes differ by more than these applications do, so each process has all of them, in
 * turns.
 */
export const stormPart: Part = async (options, cpus, report) => {
  const rounds = options.isQuick ? 1 : 6;
  const rows: string[][] = [];
  const targets: Target[] = [];
  for (const platform of options.platforms) {
    const measured: Storms[] = [];
    for (let round = 0; round < rounds; round += 1) {
      report(`round ${round + 1} of ${rounds}: ${platform}`);
      measured.push(await stormsOfProcess(platform, cpus, options.isQuick));
    }
    const medians = (name: StormName, of: (storm: Storm) => number) =>
      measured.map((storms) => median(storms[name].map(of)));
    const durations = (name: StormName) =>
      medians(name, ({ durationMs }) => durationMs);
    const p99s = (name: StormName) => medians(name, ({ storm }) => storm.p99Ms);
    const all = (name: StormName) => measured.flatMap((storms) => storms[name]);
    for (const name of NAMES) {
      rows.push([
        `${platform}, ${STORMS[name].title}`,
        figure(figureOf(medians(name, ({ calm }) => calm.p99Ms))),
        figure(figureOf(p99s(name))),
        number(Math.max(...all(name).map(({ storm }) => storm.maxMs))),
        String(failedIn(all(name))),
        figure(figureOf(durations(name))),
      ]);
    }
    const p99 = figureOf(p99s('storm-of-tasks'));
    const total = ratios(
      durations('storm-of-tasks'),
      durations('storm-at-once'),
    );
    const failed = failedIn(all('storm-of-tasks'));
    const watching = differences(
      p99s('storm-watched'),
      p99s('storm-unwatched'),
    );
    const dashboard = differences(
      p99s('storm-unwatched'),
      p99s('storm-of-tasks'),
    );
    targets.push(
      {
        what: `${platform}: p99 beside a storm`,
        limit: '≤ 10 ms',
        measured: `${figure(p99)} ms`,
        verdict: keeps(10, p99),
      },
      {
        what: `${platform}: requests that failed beside a storm`,
        limit: '0',
        measured: String(failed),
        verdict: failed === 0 ? 'met' : 'not met',
      },
      {
        what: `${platform}: time of a storm, to all at once`,
        limit: '≤ 1.15',
        measured: ratio(total),
        verdict: keeps(1.15, total),
      },
      {
        what: `${platform}: p99 beside a storm, with a dashboard that is closed, more than without one`,
        limit: '≤ 1 ms',
        measured: `${figure(dashboard)} ms`,
        verdict: keeps(1, dashboard),
      },
      {
        what: `${platform}: p99 beside a storm, with the page of the dashboard open, more than closed`,
        limit: '≤ 2 ms',
        measured: `${figure(watching)} ms`,
        verdict: keeps(2, watching),
      },
    );
  }
  return {
    title: 'A storm of tasks',
    blocks: [
      `${STORM_TASKS.toLocaleString('en-US')} tasks of ${TASK_MS * 1_000} µs each are due after one response, while ${PER_SECOND} other requests are sent in each second. Times in ms, measured from when a request was due.`,
      markdownTable(
        ['', 'p99 before', 'p99 beside', 'longest', 'failed', 'storm took'],
        rows,
      ),
    ],
    targets,
  };
};

/** The storms of one process, when its code and its heap are warm. */
async function stormsOfProcess(
  platform: Platform,
  cpus: CpuPlan,
  isQuick: boolean,
): Promise<Storms> {
  const warmUps = isQuick ? 0 : 5;
  const turns = isQuick ? 1 : 5;
  const storms: Storms = {
    'storm-at-once': [],
    'storm-of-tasks': [],
    'storm-unwatched': [],
    'storm-watched': [],
  };
  const args = [platform, ...NAMES];
  const server = Child.start('server', args, cpus.server, ['--expose-gc']);
  const loads: { name: StormName; load: Child }[] = [];
  try {
    const { ports } = await server.next<ServerReady>();
    for (const [index, name] of NAMES.entries()) {
      const page = name === 'storm-watched' ? ['/tasks'] : [];
      const load = Child.start(
        'foreground',
        [ports[index] ?? 0, PER_SECOND, CALM_MS, ...page],
        cpus.load,
      );
      loads.push({ name, load });
      await load.next();
    }
    for (let turn = 0; turn < warmUps + turns; turn += 1) {
      for (const { name, load } of loads) {
        // It collects what the storm before has left, which is not this one's to pay for.
        await server.ask<ServerUsage>();
        load.proceed();
        const { durationMs } = await server.next<StormOver>();
        const foreground = await load.ask<Foreground>();
        if (turn >= warmUps) storms[name].push({ ...foreground, durationMs });
      }
      loads.reverse();
    }
    return storms;
  } finally {
    for (const { load } of loads) await load.stop();
    await server.stop();
  }
}

function failedIn(storms: readonly Storm[]): number {
  return storms.reduce((sum, { storm }) => sum + storm.failed, 0);
}
