import { STORMS, type StormName } from '../apps/apps.js';
import type { Platform } from '../apps/platform.js';
import { STORM_TASKS, TASK_MS, type StormOver } from '../apps/storm-work.js';
import type { Foreground } from '../children/foreground.js';
import type { ServerReady } from '../children/server.js';
import { differences, keeps, ratios } from '../figures/comparison.js';
import { figure, number, ratio } from '../figures/format.js';
import { markdownTable } from '../figures/markdown-table.js';
import { figureOf } from '../figures/statistics.js';
import { Child } from '../processes/child.js';
import type { CpuPlan } from '../processes/cpus.js';
import type { Part, Target } from './part.js';

interface StormFigures extends Foreground {
  readonly durationMs: number;
}

const PER_SECOND = 500;
const CALM_MS = 500;
const NAMES = [
  'storm-at-once',
  'storm-of-tasks',
  'storm-unwatched',
  'storm-watched',
] as const;

/** The latency of other requests while thousands of tasks are due, and the total time. */
export const stormPart: Part = async (options, cpus, report) => {
  const rounds = options.isQuick ? 1 : 6;
  // Only the last storm is measured, when the code and the heap are warm.
  const stormsEach = options.isQuick ? 1 : 6;
  const rows: string[][] = [];
  const targets: Target[] = [];
  for (const platform of options.platforms) {
    const measured: Record<StormName, StormFigures[]> = {
      'storm-at-once': [],
      'storm-of-tasks': [],
      'storm-unwatched': [],
      'storm-watched': [],
    };
    for (let round = 0; round < rounds; round += 1) {
      report(`round ${round + 1} of ${rounds}: ${platform}`);
      for (const name of NAMES) {
        measured[name].push(
          await measureStorm(name, platform, cpus, stormsEach),
        );
      }
    }
    const durations = (name: StormName) =>
      measured[name].map(({ durationMs }) => durationMs);
    for (const name of NAMES) {
      const storms = measured[name];
      rows.push([
        `${platform}, ${STORMS[name].title}`,
        figure(figureOf(storms.map(({ calm }) => calm.p99Ms))),
        figure(figureOf(storms.map(({ storm }) => storm.p99Ms))),
        number(Math.max(...storms.map(({ storm }) => storm.maxMs))),
        String(failedIn(storms)),
        figure(figureOf(durations(name))),
      ]);
    }
    const p99s = (name: StormName) =>
      measured[name].map(({ storm }) => storm.p99Ms);
    const tasks = measured['storm-of-tasks'];
    const p99 = figureOf(p99s('storm-of-tasks'));
    const total = ratios(
      durations('storm-of-tasks'),
      durations('storm-at-once'),
    );
    const failed = failedIn(tasks);
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

async function measureStorm(
  name: StormName,
  platform: Platform,
  cpus: CpuPlan,
  storms: number,
): Promise<StormFigures> {
  const server = Child.start('server', [platform, name], cpus.server);
  try {
    const {
      ports: [port = 0],
    } = await server.next<ServerReady>();
    const page = name === 'storm-watched' ? ['/tasks'] : [];
    const args = [port, PER_SECOND, CALM_MS, storms, ...page];
    const load = Child.start('foreground', args, cpus.load);
    try {
      for (let storm = 1; storm < storms; storm += 1) {
        await server.next<StormOver>();
        load.proceed();
      }
      const { durationMs } = await server.next<StormOver>();
      return { ...(await load.ask<Foreground>()), durationMs };
    } finally {
      await load.stop();
    }
  } finally {
    await server.stop();
  }
}

function failedIn(storms: readonly StormFigures[]): number {
  return storms.reduce((sum, { storm }) => sum + storm.failed, 0);
}
