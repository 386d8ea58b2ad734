import type { RouteName } from '../apps/apps.js';
import type { Platform } from '../apps/platform.js';
import type { BenchOptions } from '../bench-options.js';
import { number } from '../figures/format.js';
import type { CpuPlan } from '../processes/cpus.js';
import { LoadedRoute, type RouteFigures } from './loaded-route.js';
import type { Part } from './part.js';
import { routeTables, routeTargets } from './route-report.js';

/** The same route in every way, round by round, each time in fresh processes. */
export const routesPart: Part = async (options, cpus, tell) => {
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
    for (const [platform, routes] of measured) {
      tell(`round ${rounds + 1} of ${options.rounds}: ${platform}`);
      const figures = await measureRound(platform, rounds, options, cpus);
      for (const [name, ofRound] of figures) routes.get(name)?.push(ofRound);
    }
    rounds += 1;
  }
  return {
    title: 'Routes',
    blocks: [
      aboutRounds(rounds, options),
      ...[...measured].flatMap(([platform, routes]) =>
        routeTables(platform, routes),
      ),
    ],
    targets: [...measured].flatMap(([platform, routes]) =>
      routeTargets(platform, routes),
    ),
  };
};

/** All routes are up at once, and take short turns: what slows the machine down meets all. */
async function measureRound(
  platform: Platform,
  round: number,
  options: BenchOptions,
  cpus: CpuPlan,
): Promise<Map<RouteName, RouteFigures[]>> {
  const routes: LoadedRoute[] = [];
  try {
    for (const name of inTurn(options.routes, round)) {
      routes.push(await LoadedRoute.start(name, platform, options, cpus));
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

/** Another order each time, so that none always comes after the same one. */
function inTurn<T>(all: readonly T[], time: number): T[] {
  const start = (time * 5) % all.length;
  const turned = [...all.slice(start), ...all.slice(0, start)];
  return time % 2 === 0 ? turned : turned.toReversed();
}

function aboutRounds(rounds: number, options: BenchOptions): string {
  const { warmUp, requests, turns, connections } = options;
  return (
    `Rounds: ${rounds}. In each, every route has ${connections} connections, ${number(warmUp)} requests to warm up, and ${turns} turns of ${number(requests)} requests. ` +
    'Ratios and differences are taken within each turn.'
  );
}
