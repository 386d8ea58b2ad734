import { randomUUID } from 'node:crypto';
import type { TaskRuntime } from '../../core/app/task-runtime.js';
import type { Deadline } from '../../core/base/deadline.js';
import { messageOf } from '../../core/base/to-error.js';
import type { DurableEngine } from '../../durable/durable-engine.js';
import { JobRunner } from '../../durable/job-runner.js';
import type { TasksModuleOptions } from './tasks-module-options.js';

/** How long an engine may take to stop that could not start. */
const FAILED_STOP_MS = 1_000;

/**
 * Ties an engine to the lifecycle of the application: it starts when everything else has
 * started, takes no jobs once the shutdown begins, and stops after the last drain.
 */
export class EngineLifecycle {
  readonly #engine: DurableEngine;
  readonly #runtime: TaskRuntime;
  readonly #jobs: JobRunner;
  #asking: Promise<boolean> | undefined;

  constructor(
    engine: DurableEngine,
    runtime: TaskRuntime,
    options: TasksModuleOptions,
  ) {
    this.#engine = engine;
    this.#runtime = runtime;
    this.#jobs = new JobRunner(runtime, engine, options);
  }

  /**
   * Does nothing when the application was closed during its bootstrap.
   *
   * @throws (rejects with) the error of an engine that can never start
   */
  async start(): Promise<void> {
    if (!this.#runtime.shutdown.isOpen) return;
    try {
      await this.#engine.start(this.#jobs);
    } catch (error) {
      await this.#stop(FAILED_STOP_MS);
      throw error;
    }
    const { durable, registry } = this.#runtime;
    durable?.checkQueues?.(registry.durableTasks());
  }

  /** Whether the store answers in time. Never rejects. */
  async answers(deadline: Deadline): Promise<boolean> {
    // One that does not answer must not be asked again and again.
    const asking = (this.#asking ??= this.#ask());
    return (await deadline.meets(asking)) && asking;
  }

  /** Never rejects: the shutdown continues whatever happens to the store. */
  async pause(): Promise<void> {
    await this.#attempt(() => this.#engine.pause());
  }

  /** Also of an engine that was not started: it may have stored jobs. Never rejects. */
  async stop(): Promise<void> {
    await this.#stop(this.#runtime.shutdown.leftMs);
  }

  async #ask(): Promise<boolean> {
    try {
      // No job has that id, so this changes nothing, in any store.
      await this.#engine.cancel(randomUUID());
      return true;
    } catch {
      return false;
    } finally {
      this.#asking = undefined;
    }
  }

  async #stop(withinMs: number): Promise<void> {
    await this.#attempt(() => this.#engine.stop(withinMs));
  }

  async #attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#runtime.log.error(
        `The engine "${this.#engine.name}" failed during the shutdown of the application: ${messageOf(error)}`,
        error,
      );
    }
  }
}
