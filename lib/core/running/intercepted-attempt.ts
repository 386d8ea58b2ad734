import { quoted } from '../base/describe.js';
import { AsyncResource } from 'node:async_hooks';
import { TaskInterceptorError } from '../base/errors.js';
import type { ResultListener, StopListening } from '../base/result-listener.js';
import { callInto, ignoreRejection } from '../base/settled.js';
import { toError } from '../base/to-error.js';
import {
  isInterceptorClass,
  type TaskInterceptors,
} from '../task/task-interceptor.js';
import { Attempt, type AttemptHost } from './attempt.js';
import type { ResolveInterceptor } from './interceptors.js';
import type { ScheduledTask } from './scheduled-task.js';

/** An attempt inside interceptors: it comes to what the outermost of them returns or throws. */
export class InterceptedAttempt extends Attempt {
  readonly #interceptors: TaskInterceptors;
  readonly #resolve: ResolveInterceptor;
  /** One for each `next()` that was called. */
  readonly #layers: Layer[] = [];
  /** Why it ended from outside. */
  #endedBy: Error | undefined;

  constructor(
    host: AttemptHost,
    task: ScheduledTask,
    usesSlot: boolean,
    interceptors: TaskInterceptors,
    resolve: ResolveInterceptor,
  ) {
    super(host, task, usesSlot);
    this.#interceptors = interceptors;
    this.#resolve = resolve;
  }

  protected override execute(): void {
    this.#run(0, this);
  }

  /** What waits for `next()` waits no longer, so that transactions and locks end with the attempt. */
  protected override giveUp(reason: unknown): void {
    super.giveUp(reason);
    this.#endedBy = toError(reason, this.task.name);
    for (const layer of this.#layers) layer.giveUp(this.#endedBy);
  }

  /** Runs the interceptor with that index, or inside the last one the task itself. */
  #run(index: number, listener: ResultListener): void {
    const { task } = this;
    const interceptor = this.#interceptors[index];
    if (!interceptor) return task.execute(listener);
    const next = this.#nextOf(index);
    callInto(() => this.#intercept(interceptor, next), listener);
  }

  #intercept(
    interceptor: TaskInterceptors[number],
    next: () => Promise<unknown>,
  ): unknown {
    const { task } = this;
    if (!isInterceptorClass(interceptor)) return interceptor(task, next);
    const instance = this.#resolve(interceptor, task);
    return instance instanceof Promise
      ? instance.then((resolved) => {
          if (this.isOver) throw this.#lateNext();
          return resolved.intercept(task, next);
        })
      : instance.intercept(task, next);
  }

  #nextOf(index: number): () => Promise<unknown> {
    let isCalled = false;
    return () => {
      const { name } = this.task;
      const promise = isCalled
        ? Promise.reject(
            new TaskInterceptorError(
              `An interceptor of task ${quoted(name)} called next() twice. An attempt runs once: use \`retries\` to run the task again.`,
            ),
          )
        : this.#next(index + 1);
      isCalled = true;
      // An interceptor may ignore what it does not wait for.
      ignoreRejection(promise);
      return promise;
    };
  }

  #next(index: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.isOver) return reject(this.#lateNext());
      // Has what the interceptors so far have put into AsyncLocalStorage.
      this.context = new AsyncResource('nestjs-tasks');
      const layer = new Layer(this, this.task.name, resolve, reject);
      this.#layers.push(layer);
      this.#run(index, layer);
    });
  }

  #lateNext(): Error {
    return (
      this.#endedBy ??
      new TaskInterceptorError(
        `An interceptor of task ${quoted(this.task.name)} called next() after its own end, so nothing was run. Return what next() returns.`,
      )
    );
  }
}

/** What one interceptor waits for: the next one, or the task itself. */
class Layer implements ResultListener {
  readonly #attempt: Attempt;
  readonly #taskName: string;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: Error) => void;
  #stopListening: StopListening | undefined;

  constructor(
    attempt: Attempt,
    taskName: string,
    resolve: (value: unknown) => void,
    reject: (error: Error) => void,
  ) {
    this.#attempt = attempt;
    this.#taskName = taskName;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get isOver(): boolean {
    return this.#attempt.isOver;
  }

  set stopListening(stop: StopListening) {
    this.#stopListening = stop;
    // The task may have cancelled itself while it was subscribed to.
    if (this.isOver) this.#attempt.unsubscribe(stop);
  }

  onValue(value: unknown): void {
    this.#resolve(value);
  }

  onError(thrown: unknown): void {
    this.#reject(toError(thrown, this.#taskName));
  }

  giveUp(reason: Error): void {
    this.#reject(reason);
    this.#attempt.unsubscribe(this.#stopListening);
  }
}
