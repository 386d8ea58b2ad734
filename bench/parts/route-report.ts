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
import type { RouteFigures } from './loaded-route.js';
import type { Target } from './part.js';

/** The figures of one platform: for each route, those of each round, turn by turn. */
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

/** A heading, and a table for each metric, or for the CPU time alone. */
export function routeTables(
  platform: Platform,
  routes: MeasuredRoutes,
  isCpuOnly: boolean,
): string[] {
  const metrics = isCpuOnly ? METRICS.slice(0, 1) : METRICS;
  return [
    `### ${titleOf(platform)}`,
    ...metrics.map(({ key, title }) => tableOf(routes, key, title)),
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

/** What a route may cost more than another one, in µs of CPU time per request. */
const LIMITS: readonly {
  readonly route: RouteName;
  readonly over: RouteName;
  readonly express: number;
  readonly fastify: number;
}[] = [
  { route: 'tasks-unused', over: 'bare', express: 1, fastify: 1 },
  { route: 'one-task', over: 'bare', express: 5, fastify: 5 },
  { route: 'each-phase', over: 'bare', express: 12, fastify: 8 },
  { route: 'ten-tasks', over: 'bare', express: 10, fastify: 10 },
  { route: 'tasks-service', over: 'request-scoped', express: 12, fastify: 12 },
];

/** The limits of the routes that were measured. */
export function routeTargets(
  platform: Platform,
  routes: MeasuredRoutes,
): Target[] {
  return LIMITS.filter(
    ({ route, over }) => routes.has(route) && routes.has(over),
  ).map(({ route, over, [platform]: limitUs }) => {
    const more = differencesOfTurns(
      valuesOf(routes, route, 'cpuUs'),
      valuesOf(routes, over, 'cpuUs'),
    );
    return {
      what: `${titleOf(platform)}: ${ROUTES[route].title}, more than ${ROUTES[over].title}`,
      limit: `≤ ${limitUs} µs`,
      measured: `${figure(more)} µs`,
      verdict: keeps(limitUs, more),
    };
  });
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
