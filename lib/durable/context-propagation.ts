import type { LogLines } from '../core/app/log-lines.js';
import { contained } from '../core/base/contained.js';
import type { DurableTask } from '../core/running/durable-task.js';
import type { TaskTelemetry } from '../core/task/task-telemetry.js';

/**
 * Links a durable task to the context of its call, such as a trace.
 *
 * @publicApi
 */
export interface ContextPropagation {
  /** Returns what travels with a task; called when it is stored. */
  capture(): Readonly<Record<string, string>>;
  /** Runs `fn` in the context that was captured. */
  restore<T>(context: Readonly<Record<string, string>>, fn: () => T): T;
}

/** What links a durable task to the context of its call. */
export interface ContextCarriers {
  readonly propagation?: ContextPropagation | undefined;
  readonly telemetry?: TaskTelemetry | undefined;
}

/** Carriers whose failures are logged: the task then runs without its context. */
export class ContainedPropagation {
  readonly #carriers: ContextCarriers;
  readonly #engine: string;
  readonly #lines: LogLines;

  /** @param engine its name */
  constructor(carriers: ContextCarriers, engine: string, lines: LogLines) {
    this.#carriers = carriers;
    this.#engine = engine;
    this.#lines = lines;
  }

  /** What travels with a task that is about to be stored. */
  capture(task: DurableTask): Readonly<Record<string, string>> | undefined {
    const { propagation, telemetry } = this.#carriers;
    const captured = this.#contain('propagation.capture()', task.name, () =>
      propagation?.capture(),
    );
    const sent = this.#contain('telemetry.send()', task.name, () =>
      telemetry?.send(task, this.#engine),
    );
    return captured || sent ? { ...captured, ...sent } : undefined;
  }

  /** Calls `fn`, which must not throw, once. */
  restore<T>(
    context: Readonly<Record<string, string>> | undefined,
    taskName: string,
    fn: () => T,
  ): T {
    const { propagation, telemetry } = this.#carriers;
    let called: { result: T } | undefined;
    const call = () => (called ??= { result: fn() }).result;
    const restore = () => {
      if (!context || !propagation) return call();
      this.#contain('propagation.restore()', taskName, () =>
        propagation.restore(context, call),
      );
      return call();
    };
    this.#contain('telemetry.receive()', taskName, () =>
      telemetry?.receive(context ?? {}, this.#engine, restore),
    );
    return called ? called.result : restore();
  }

  #contain<T>(method: string, taskName: string, act: () => T): T | undefined {
    return contained(act, (error) =>
      this.#lines.propagationFailed(method, taskName, error),
    );
  }
}
