/** Compile-time cases: this file is checked by `tsc`, and never run. */
import {
  TaskTimeoutError,
  type Backoff,
  type Duration,
  type Task,
  type TaskErrorHandler,
  type TaskErrorReporter,
  type TaskOptions,
  type Tasks,
} from 'nestjs-tasks';

declare const tasks: Tasks;

class Reporter implements TaskErrorReporter {
  constructor(readonly channel: string) {}
  handle(task: Task, error: Error) {
    return `${this.channel}: ${task.name} ${error.message}`;
  }
}
class NoReporter {
  report() {}
}
const handler: TaskErrorHandler = (task) => task.run();

// Durations are milliseconds, or literals of a known unit.
const durations = [0, 1.5, '250ms', '10s', '5m', '1h', '2d', '1.5s'] as const;
durations satisfies readonly Duration[];
declare const seconds: number;
declare const text: string;
`${seconds}s` satisfies Duration;
// @ts-expect-error an unknown unit
'10 parsecs' satisfies Duration;
// @ts-expect-error no unit
'10' satisfies Duration;
// @ts-expect-error not a number
'ms' satisfies Duration;
// @ts-expect-error any string
text satisfies Duration;
// @ts-expect-error a bigint
10n satisfies Duration;

// With a space, and every number that the compiler takes as one.
'10 s' satisfies Duration;
'0x10s' satisfies Duration;
// Refused at run time.
'-1s' satisfies Duration;

// A handler may narrow the task to the one that it handles.
interface Order {
  readonly total: number;
}
declare function charge(order: Order): Promise<string>;
tasks
  .task({
    onError: (task: Task<[Order]>, error) => [
      task.args[0].total,
      error.message,
    ],
  })
  .schedule(charge, { total: 5 });
const narrow = (task: Task<[Order], string>) => task.args[0].total;
tasks.task({ onError: [narrow, Reporter] });
narrow satisfies TaskErrorHandler;
// @ts-expect-error no task at all
tasks.task({ onError: (order: Order) => order.total });
// @ts-expect-error an error of another type is no error of a task
tasks.task({ onError: (task: Task, error: string) => [task, error] });

// Every option.
tasks.task({
  name: 'payment',
  shield: true,
  onError: [handler, Reporter, async () => {}],
  runOn: 'always',
  timeout: '10s',
  retries: 3,
  backoff: {
    type: 'exponential',
    delay: 200,
    max: '1m',
    factor: 3,
    jitter: 0.5,
  },
  retryIf: (error, attempt) => error instanceof TaskTimeoutError && attempt < 2,
  signal: AbortSignal.timeout(1_000),
});
tasks.afterRoute.task({ required: true });
tasks.task({ onError: Reporter });
tasks.task({ onError: (task, error) => `${task.id} ${error.stack}` });
tasks.task({ backoff: (attempt, error) => (error.message ? attempt : '1s') });
({ type: 'fixed', delay: '1s' }) satisfies Backoff;

// With `exactOptionalPropertyTypes`, options may be computed.
declare const maybe: { timeout?: number; name: string | undefined };
tasks.task({ timeout: maybe.timeout, name: maybe.name, signal: undefined });
const frozen: Readonly<TaskOptions> = Object.freeze({ retries: 1 });
tasks.task(frozen);

// @ts-expect-error an unknown option
tasks.task({ retry: 3 });
// @ts-expect-error a number as text
tasks.task({ retries: '3' });
// @ts-expect-error null
tasks.task({ timeout: null });
// @ts-expect-error an outcome of a task, not of a route
tasks.task({ runOn: 'failed' });
// @ts-expect-error a class that reports nothing
tasks.task({ onError: NoReporter });
// @ts-expect-error an instance, which cannot be injected
tasks.task({ onError: new Reporter('mail') });
// @ts-expect-error a handler's first argument is the task
tasks.task({ onError: (error: Error) => error });
// @ts-expect-error a backoff of an unknown type
tasks.task({ backoff: { type: 'linear', delay: 1 } });
// @ts-expect-error a backoff without a delay
tasks.task({ backoff: { type: 'fixed' } });
// @ts-expect-error a backoff that is a duration
tasks.task({ backoff: '1s' });
// @ts-expect-error a promise of a boolean
tasks.task({ retryIf: async () => true });
// @ts-expect-error a controller, not its signal
tasks.task({ signal: new AbortController() });
// @ts-expect-error a function, not its options
tasks.task(handler);
