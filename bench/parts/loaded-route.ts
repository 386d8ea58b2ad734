import { ROUTES, type RouteName } from '../apps/apps.js';
import type { Platform } from '../apps/platform.js';
import type { BenchOptions } from '../bench-options.js';
import type { LoadMeasured, LoadWarm } from '../children/load.js';
import type { ServerReady, ServerUsage } from '../children/server.js';
import { Child } from '../processes/child.js';
import type { CpuPlan } from '../processes/cpus.js';

/** What a route cost in one turn. */
export interface RouteFigures {
  readonly cpuUs: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A route in a fresh process, and its load in another; both rest unless it is their turn. */
export class LoadedRoute {
  readonly name: RouteName;
  readonly #server: Child;
  readonly #load: Child;
  readonly #requests: number;

  private constructor(
    name: RouteName,
    server: Child,
    load: Child,
    requests: number,
  ) {
    this.name = name;
    this.#server = server;
    this.#load = load;
    this.#requests = requests;
  }

  /** Starts both, and warms them up. */
  static async start(
    name: RouteName,
    platform: Platform,
    { connections, warmUp, requests }: BenchOptions,
    cpus: CpuPlan,
  ): Promise<LoadedRoute> {
    const server = Child.start('server', [name, platform], cpus.server);
    try {
      const { port } = await server.next<ServerReady>();
      const args = [port, connections, warmUp, requests];
      const load = Child.start('load', args, cpus.load);
      await load.next<LoadWarm>();
      return new LoadedRoute(name, server, load, requests);
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /**
   * Its turn.
   *
   * @throws Error when a request failed, or when not all of the work was done
   */
  async measure(): Promise<RouteFigures> {
    const before = await this.#server.ask<ServerUsage>();
    const measured = await this.#load.ask<LoadMeasured>();
    const after = await this.#server.ask<ServerUsage>();
    const works = after.works - before.works;
    const expected = this.#requests * ROUTES[this.name].worksPerRequest;
    if (works !== expected) {
      throw new Error(
        `${this.name}: work was done ${works} times, not ${expected} times.`,
      );
    }
    const cpuUs = (after.cpuUs - before.cpuUs) / this.#requests;
    return { ...measured, cpuUs };
  }

  async stop(): Promise<void> {
    await this.#load.stop();
    await this.#server.stop();
  }
}
