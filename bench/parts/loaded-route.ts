import { ROUTES, type RouteName } from '../apps/apps.js';
import type { Platform } from '../apps/platform.js';
import type { BenchOptions } from '../bench-options.js';
import type { LoadMeasured, LoadWarm } from '../children/load.js';
import type { ServerReady, ServerUsage } from '../children/server.js';
import { Child } from '../processes/child.js';
import type { CpuPlan } from '../processes/cpus.js';

/** How close two turns are that agree, and how many are taken until they do. */
const AGREEMENT = 0.03;
const MOST_TURNS_TO_SETTLE = 20;

/** The cost of a route in one turn. */
export interface RouteFigures {
  readonly cpuUs: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * A route in a fresh process, alone or beside others, and its load in a process of its own.
 * Both are idle between turns.
 */
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

  /**
   * Starts one process for all of these routes, and a load for each of them, and warms
   * them up.
   */
  static async startAll(
    names: readonly RouteName[],
    platform: Platform,
    { connections, warmUp, requests, isQuick }: BenchOptions,
    cpus: CpuPlan,
  ): Promise<LoadedRoute[]> {
    const isShared = names.length > 1;
    const server = Child.start(
      'server',
      [platform, ...names],
      cpus.server,
      isShared ? ['--expose-gc', '--single-threaded-gc'] : [],
    );
    const routes: LoadedRoute[] = [];
    try {
      const { ports } = await server.next<ServerReady>();
      for (const [index, name] of names.entries()) {
        const args = [ports[index] ?? 0, connections, warmUp, requests];
        const load = Child.start('load', args, cpus.load);
        const route = new LoadedRoute(name, server, load, requests);
        routes.push(route);
        await load.next<LoadWarm>();
        if (!isQuick) await route.#settle();
      }
      return routes;
    } catch (error) {
      await Promise.all(routes.map((route) => route.stop()));
      await server.stop();
      throw error;
    }
  }

  /** Takes turns until two in a row agree. */
  async #settle(): Promise<void> {
    let before = Number.POSITIVE_INFINITY;
    for (let turn = 0; turn < MOST_TURNS_TO_SETTLE; turn += 1) {
      const { cpuUs } = await this.measure();
      if (Math.abs(cpuUs / before - 1) <= AGREEMENT) return;
      before = cpuUs;
    }
  }

  /**
   * Takes one turn.
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
