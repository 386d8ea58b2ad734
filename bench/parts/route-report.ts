import { ROUTES, type RouteName } from '../apps/apps.js';
import type { Platform } from '../apps/platform.js';
import {
  differencesOfTurns,
  keeps,
  mediansOfTurns,
  ratiosOfTurns,
  type Turns,
} from '../figures/comparison.js';
import { figure, number, ratio } from '../figures/format.js';
import { markdownTable } from '../figures/markdown-table.js';
import type { Figure } from '../figures/statistics.js';
import type { RouteFigures } from './loaded-route.js';
import type { Target } from './part.js';

/** The figures of one platform: of each route, those of each round, turn by turn. */
export type MeasuredRoutes = ReadonlyMap<RouteName, RouteFigures[][]>;

const METRICS: readonly {
  readonly key: keyof RouteFigures;
  readonly title: string;
}[] = [
  { key: 'cpuUs', title: 'CPU per request, µs' },
  { key: 'requestsPerSecond', title: 'Requests per second' },
  { key: 'p50Ms', title: 'p50, ms' },
  { key: 'p99Ms', title: 'p99, ms' },
];

/** A heading, and a table for each thing that was measured. */
export function routeTables(
  platform: Platform,
  routes: MeasuredRoutes,
): string[] {
  return [
    `### ${titleOf(platform)}`,
    ...METRICS.map(({ key, title }) => tableOf(routes, key, title)),
  ];
}

function tableOf(
  routes: MeasuredRoutes,
  key: keyof RouteFigures,
  title: string,
): string {
  const bare = valuesOf(routes, 'bare', key);
  const byHand = valuesOf(routes, 'finish-listener', key);
  const isCpu = key === 'cpuUs';
  const rows = [...routes.keys()].map((name) => {
    const values = valuesOf(routes, name, key);
    return [
      ROUTES[name].title,
      number(mediansOfTurns(values).median),
      ...(isCpu
        ? [name === 'bare' ? '0' : figure(differencesOfTurns(values, bare))]
        : []),
      name === 'bare' ? '1' : ratio(ratiosOfTurns(values, bare)),
      name === 'finish-listener' ? '1' : ratio(ratiosOfTurns(values, byHand)),
    ];
  });
  const extra = isCpu ? ['more than bare, µs'] : [];
  return markdownTable(
    [title, 'median', ...extra, 'to bare', 'to hand-written'],
    rows,
  );
}

/** What the routes are to cost at most, where they were measured. */
export function routeTargets(
  platform: Platform,
  routes: MeasuredRoutes,
): Target[] {
  const on = titleOf(platform);
  const cpuOf = (name: RouteName) => valuesOf(routes, name, 'cpuUs');
  const targets: Target[] = [];
  const add = (what: string, limitUs: number, more: Figure) =>
    targets.push({
      what: `${on}: ${what}`,
      limit: `≤ ${limitUs} µs`,
      measured: `${figure(more)} µs`,
      verdict: keeps(limitUs, more),
    });
  if (routes.has('module-unused')) {
    const unused = ratiosOfTurns(cpuOf('module-unused'), cpuOf('bare'));
    targets.push({
      what: `${on}: module imported and unused, CPU to bare`,
      limit: '≤ 1.05',
      measured: ratio(unused),
      verdict: keeps(1.05, unused),
    });
  }
  if (routes.has('one-task')) {
    const oneTask = cpuOf('one-task');
    if (routes.has('empty-interceptor')) {
      const interceptor = cpuOf('empty-interceptor');
      const more = differencesOfTurns(oneTask, interceptor);
      add('one after-response task, more than an interceptor', 5, more);
    }
    const more = differencesOfTurns(oneTask, cpuOf('bare'));
    add('one after-response task, more than bare (the aim)', 5, more);
  }
  return targets;
}

function valuesOf(
  routes: MeasuredRoutes,
  name: RouteName,
  key: keyof RouteFigures,
): Turns {
  return (routes.get(name) ?? []).map((turns) =>
    turns.map((figures) => figures[key]),
  );
}

function titleOf(platform: Platform): string {
  return platform === 'express' ? 'Express' : 'Fastify';
}
