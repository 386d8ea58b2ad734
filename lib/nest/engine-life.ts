import type { TaskRuntime } from '../core/task-runtime.js';
import { messageOf } from '../core/to-error.js';
import type { DurableEngine } from '../engine/durable-engine.js';
import { JobRunner } from '../engine/job-runner.js';
import type { TaskRegistry } from '../engine/task-registry.js';
import type { TasksModuleOptions } from './tasks-module-options.js';

/**
 * Ties an engine to the life of the application: it starts when all providers are
 * there, takes no jobs once the shutdown begins, and is let go of after the last drain.
 */
export class EngineLife {
  readonly #engine: DurableEngine;
  readonly #runtime: TaskRuntime;
  readonly #jobs: JobRunner;
  #isStarted = false;

  constructor(
    engine: DurableEngine,
    runtime: TaskRuntime,
    registry: TaskRegistry,
    { propagation }: TasksModuleOptions,
  ) {
    this.#engine = engine;
    this.#runtime = runtime;
    this.#jobs = new JobRunner(runtime, registry, engine.codec, propagation);
  }

  async start(): Promise<void> {
    this.#isStarted = true;
    await this.#engine.start(this.#jobs);
  }

  /** Never rejects: the shutdown goes on whatever the store does. */
  async pause(): Promise<void> {
    if (this.#isStarted) await this.#attempt(() => this.#engine.pause());
  }

  /** Never rejects. */
  async stop(): Promise<void> {
    if (!this.#isStarted) return;
    const { leftMs } = this.#runtime.shutdown;
    await this.#attempt(() => this.#engine.stop(leftMs));
  }

  async #attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#runtime.log.error(
        `The engine "${this.#engine.name}" failed while the application was shut down: ${messageOf(error)}`,
        error,
      );
    }
  }
}
