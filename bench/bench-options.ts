import { parseArgs } from 'node:util';
import { ROUTES, type RouteName } from './apps/apps.js';
import { isPlatform, PLATFORMS, type Platform } from './apps/platform.js';

export const PARTS = [
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
  /** Of the routes; the other parts have as many as their figures need. */
  readonly rounds: number;
  /** In requests. */
  readonly warmUp: number;
  /** In how many turns a route is measured in each round, and with how many requests each time. */
  readonly turns: number;
  readonly requests: number;
  readonly connections: number;
  /** No further round of the routes begins that would not end by then. */
  readonly routesLimitMs: number;
}

/** What every other route is compared with; measured with any of them. */
const BASELINES: readonly RouteName[] = ['bare', 'finish-listener'];

const FULL = {
  rounds: 9,
  warmUp: 8_000,
  turns: 15,
  requests: 1_000,
  routesLimitMs: 390_000,
};
const QUICK = {
  rounds: 1,
  warmUp: 1_000,
  turns: 3,
  requests: 500,
  routesLimitMs: 45_000,
};

/** @throws Error for what cannot be measured, with what can */
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
  return {
    ...effort,
    parts: each('part', values.part, isPart),
    platforms: each('platform', values.platform, isPlatform),
    routes: Object.keys(ROUTES)
      .filter(isRoute)
      .filter((name) => chosen.has(name)),
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
  throw new Error(`--${option} is a whole number from 1 on, not "${given}".`);
}
