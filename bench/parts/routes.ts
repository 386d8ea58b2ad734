import type { RouteName } from '../apps/apps.js';
import type { BenchOptions } from '../bench-options.js';
import { number } from '../figures/format.js';
import { measureRoute, type RouteFigures } from './measure-route.js';
import type { Part } from './part.js';
import { routeTables, routeTargets } from './route-report.js';

/** The same route in every way, round by round, each time in fresh processes. */
export const routesPart: Part = async (options, cpus, tell) => {
  const measured = new Map(
    options.platforms.map((platform) => [
      platform,
      new Map(options.routes.map((name) => [name, [] as RouteFigures[]])),
    ]),
  );
  const startMs = performance.now();
  let rounds = 0;
  while (rounds < options.rounds) {
    const tookMs = performance.now() - startMs;
    const perRoundMs = rounds === 0 ? 0 : tookMs / rounds;
    if (tookMs + perRoundMs > options.routesLimitMs) break;
    for (const [platform, routes] of measured) {
      for (const name of inTurn(options.routes, rounds)) {
        tell(`round ${rounds + 1} of ${options.rounds}: ${name}, ${platform}`);
        const figures = await measureRoute(name, platform, options, cpus);
        routes.get(name)?.push(figures);
      }
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

/** Another order in each round, so that no route always comes after the same one. */
function inTurn(routes: readonly RouteName[], round: number): RouteName[] {
  const start = (round * 5) % routes.length;
  const turned = [...routes.slice(start), ...routes.slice(0, start)];
  return round % 2 === 0 ? turned : turned.toReversed();
}

function aboutRounds(rounds: number, options: BenchOptions): string {
  const { warmUp, requests, connections } = options;
  return (
    `Rounds: ${rounds}, each with ${connections} connections, ${number(warmUp)} requests to warm up and ${number(requests)} measured. ` +
    'Ratios and differences are taken within each round.'
  );
}
