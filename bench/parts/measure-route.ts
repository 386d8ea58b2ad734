import { ROUTES, type RouteName } from '../apps/apps.js';
import type { Platform } from '../apps/platform.js';
import type { BenchOptions } from '../bench-options.js';
import type { LoadMeasured, LoadWarm } from '../children/load.js';
import type { ServerReady, ServerUsage } from '../children/server.js';
import { Child } from '../processes/child.js';
import type { CpuPlan } from '../processes/cpus.js';

/** What one route cost in one round. */
export interface RouteFigures {
  readonly cpuUs: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Loads a route in a fresh process from another fresh one.
 *
 * @throws Error when a request failed, or when not all of the work was done
 */
export async function measureRoute(
  name: RouteName,
  platform: Platform,
  { connections, warmUp, requests }: BenchOptions,
  cpus: CpuPlan,
): Promise<RouteFigures> {
  const server = Child.start('server', [name, platform], cpus.server);
  try {
    const { port } = await server.next<ServerReady>();
    const args = [port, connections, warmUp, requests];
    const load = Child.start('load', args, cpus.load);
    try {
      await load.next<LoadWarm>();
      const before = await server.ask<ServerUsage>();
      const measured = await load.ask<LoadMeasured>();
      const after = await server.ask<ServerUsage>();
      const works = after.works - before.works;
      const expected = requests * ROUTES[name].worksPerRequest;
      if (works !== expected) {
        throw new Error(
          `${name} on ${platform}: work was done ${works} times, not ${expected} times.`,
        );
      }
      const cpuUs = (after.cpuUs - before.cpuUs) / requests;
      return { ...measured, cpuUs };
    } finally {
      await load.stop();
    }
  } finally {
    await server.stop();
  }
}
