import type { RouteName } from '../apps/apps.js';
import type { Platform } from '../apps/platform.js';
import type { BenchOptions } from '../bench-options.js';
import { number } from '../figures/format.js';
import type { CpuPlan } from '../processes/cpus.js';
import { LoadedRoute, type RouteFigures } from './loaded-route.js';
import type { Part, Section } from './part.js';
import { routeTables, routeTargets } from './route-report.js';

/** All variants of the route, round by round, each time in fresh processes. */
export const routesPart: Part = (options, cpus, report) =>
  measureRoutes('Routes', options, cpus, report);

/**
 * The same with all variants as applications of one process, which is a fresh one in each
 * round: what differs from process to process is then the same for all of them.
 */
export const oneProcessPart: Part = (options, cpus, report) => {
  const effort = { ...options, ...options.oneProcess };
  return measureRoutes('Routes in one process', effort, cpus, report, true);
};

async function measureRoutes(
  title: string,
  options: BenchOptions,
  cpus: CpuPlan,
  report: (progress: string) => void,
  isShared = false,
): Promise<Section> {
  const measured = new Map(
    options.platforms.map((platform) => [
      platform,
      new Map(options.routes.map((name) => [name, [] as RouteFigures[][]])),
    ]),
  );
  const startMs = performance.now();
  let rounds = 0;
  while (rounds < options.rounds) {
    const tookMs = performance.now() - startMs;
    const perRoundMs = rounds === 0 ? 0 : tookMs / rounds;
    if (tookMs + perRoundMs > options.routesLimitMs) break;
    for (const [platform, ofRoutes] of measured) {
      report(`round ${rounds + 1} of ${options.rounds}: ${platform}`);
      const routes = inTurn(options.routes, rounds);
      const servers = isShared ? [routes] : routes.map((name) => [name]);
      const figures = await measureRound(platform, servers, options, cpus);
      for (const [name, turns] of figures) ofRoutes.get(name)?.push(turns);
    }
    rounds += 1;
  }
  return {
    title,
    blocks: [
      aboutRounds(rounds, options),
      ...[...measured].flatMap(([platform, routes]) =>
        routeTables(platform, routes, isShared),
      ),
    ],
    targets: isShared
      ? [...measured].flatMap(([platform, routes]) =>
          routeTargets(platform, routes),
        )
      : [],
  };
}

/** All routes are up and take short turns, so that a busy machine slows all equally. */
async function measureRound(
  platform: Platform,
  servers: readonly (readonly RouteName[])[],
  options: BenchOptions,
  cpus: CpuPlan,
): Promise<Map<RouteName, RouteFigures[]>> {
  const routes: LoadedRoute[] = [];
  try {
    for (const names of servers) {
      routes.push(
        ...(await LoadedRoute.startAll(names, platform, options, cpus)),
      );
    }
    const figures = new Map(
      options.routes.map((name) => [name, [] as RouteFigures[]]),
    );
    for (let turn = 0; turn < options.turns; turn += 1) {
      for (const route of inTurn(routes, turn)) {
        figures.get(route.name)?.push(await route.measure());
      }
    }
    return figures;
  } finally {
    await Promise.all(routes.map((route) => route.stop()));
  }
}

/** A different order each time, so that no route always follows the same one. */
function inTurn<T>(all: readonly T[], time: number): T[] {
  const start = (time * 5) % all.length;
  const turned = [...all.slice(start), ...all.slice(0, start)];
  return time % 2 === 0 ? turned : turned.toReversed();
}

function aboutRounds(rounds: number, options: BenchOptions): string {
  const { warmUp, requests, turns, connections } = options;
  const cut =
    rounds < options.rounds
      ? ` of ${options.rounds}, as the others would have taken too long`
      : '';
  return (
    `Rounds: ${rounds}${cut}. In each, every route has ${connections} connections, ${number(warmUp)} requests to warm up, and ${turns} turns of ${number(requests)} requests. ` +
    'Ratios and differences are taken within each turn.'
  );
}
