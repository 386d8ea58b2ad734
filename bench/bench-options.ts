import { parseArgs } from 'node:util';
import { ROUTES, type RouteName } from './apps/apps.js';
import { isPlatform, PLATFORMS, type Platform } from './apps/platform.js';

export const PARTS = [
  'one-process',
  'routes',
  'throughput',
  'memory',
  'storm',
  'cold-start',
] as const;

export type PartName = (typeof PARTS)[number];

/** What is measured, and for how long. */
export interface BenchOptions {
  readonly parts: readonly PartName[];
  readonly platforms: readonly Platform[];
  readonly routes: readonly RouteName[];
  readonly isQuick: boolean;
  /** Rounds of the routes; the other parts have as many as their figures need. */
  readonly rounds: number;
  /** The number of requests that warm up a server. */
  readonly warmUp: number;
  /** The turns of a route in each round, and the requests in each turn. */
  readonly turns: number;
  readonly requests: number;
  readonly connections: number;
  /** A round of the routes that would end later than this does not begin. */
  readonly routesLimitMs: number;
  /** What is different when all routes are in one process. */
  readonly oneProcess: Partial<BenchOptions>;
}

/** The routes that all others are compared with, so they are always measured. */
const BASELINES: readonly RouteName[] = ['bare', 'finish-listener'];

/** Those that have processes of their own with `--quick`; all of them run in the one process. */
const QUICK_ROUTES: readonly RouteName[] = [...BASELINES, 'one-task'];

const FULL = {
  rounds: 9,
  warmUp: 8_000,
  turns: 15,
  requests: 1_000,
  routesLimitMs: 500_000,
  oneProcess: {
    rounds: 6,
    warmUp: 50_000,
    turns: 40,
    requests: 500,
    routesLimitMs: 900_000,
  },
};
const QUICK = {
  rounds: 1,
  warmUp: 100,
  turns: 1,
  requests: 100,
  routesLimitMs: 45_000,
  oneProcess: {},
};

/** @throws Error for unknown names, listing the known ones */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      part: { type: 'string', multiple: true, default: [...PARTS] },
      platform: { type: 'string', multiple: true, default: [...PLATFORMS] },
      route: { type: 'string', multiple: true, default: Object.keys(ROUTES) },
      rounds: { type: 'string' },
      connections: { type: 'string', default: '10' },
    },
  });
  const effort = values.quick ? QUICK : FULL;
  const chosen = new Set([
    ...BASELINES,
    ...each('route', values.route, isRoute),
  ]);
  const routes = Object.keys(ROUTES)
    .filter(isRoute)
    .filter((name) => chosen.has(name));
  return {
    ...effort,
    oneProcess: { ...effort.oneProcess, routes },
    parts: each('part', values.part, isPart),
    platforms: each('platform', values.platform, isPlatform),
    routes: values.quick
      ? routes.filter((name) => QUICK_ROUTES.includes(name))
      : routes,
    isQuick: values.quick,
    rounds: count('rounds', values.rounds ?? String(effort.rounds)),
    connections: count('connections', values.connections),
  };
}

function each<T extends string>(
  option: string,
  names: readonly string[],
  is: (name: string) => name is T,
): T[] {
  return names.map((name) => {
    if (is(name)) return name;
    throw new Error(
      `There is no ${option} "${name}". Parts: ${PARTS.join(', ')}. Platforms: ${PLATFORMS.join(', ')}. ` +
        `Routes: ${Object.keys(ROUTES).join(', ')}.`,
    );
  });
}

function isPart(name: string): name is PartName {
  return PARTS.some((part) => part === name);
}

function isRoute(name: string): name is RouteName {
  return Object.hasOwn(ROUTES, name);
}

function count(option: string, given: string): number {
  const value = Number(given);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${option} must be a positive integer, got "${given}".`);
}
