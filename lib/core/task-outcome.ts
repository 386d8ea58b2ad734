/**
 * Where a task stands. The last six are final and one of them is reached
 * exactly once. `scheduled` is also the status between two attempts.
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
 * - `failed`: `error` is what the last attempt failed with
 * - `cancelled`: by `task.cancel()` or `options.signal`
 * - `skipped`: its `runOn` did not match the outcome of the route
 * - `dropped`: the application shut down, or `maxPending` was reached
 * - `enqueued`: an engine has stored it as the job `jobId`, and it goes on in a worker
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
