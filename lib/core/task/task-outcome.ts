/**
 * The state of a task. The last six are final, and exactly one of them is reached.
 * `scheduled` is also the status between two attempts.
 *
 * @publicApi
 */
export type TaskStatus =
  | 'scheduled'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'skipped'
  | 'dropped'
  | 'enqueued';

/**
 * How a task ended.
 *
 * - `succeeded`: `value` is what it returned
 * - `failed`: `error` is the error of the last attempt
 * - `cancelled`: by `task.cancel()` or `options.signal`
 * - `skipped`: its `runOn` did not match the outcome of the route
 * - `dropped`: the application shut down, or `maxPending` was reached
 * - `enqueued`: an engine has stored it as the job `jobId`; it continues in a worker
 *
 * @publicApi
 */
export type TaskOutcome<R = unknown> =
  | { readonly status: 'succeeded'; readonly value: R }
  | { readonly status: 'failed'; readonly error: Error }
  | { readonly status: 'enqueued'; readonly jobId: string }
  | {
      readonly status: 'cancelled' | 'skipped' | 'dropped';
      readonly reason: unknown;
    };
