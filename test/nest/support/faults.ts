import type {
  TaskEvent,
  TaskOptions,
  TasksModuleOptions,
  TaskStatus,
} from 'nestjs-tasks';
import { Observable } from 'rxjs';

/** Something that misbehaves: the task's function, or a callback about the task. */
export interface Fault {
  /** Fails by default. */
  readonly fn?: () => unknown;
  readonly options?: TaskOptions;
  readonly module?: TasksModuleOptions;
  /** The status of the task; `failed` by default. */
  readonly status?: TaskStatus;
  /** The number of lines logged at `error`; 1 by default. */
  readonly logged?: number;
}

export const boom = (): never => {
  throw new Error('boom');
};

function hostileError(): Error {
  const error = new Error('hostile');
  for (const key of ['message', 'stack', 'cause', 'name']) {
    Object.defineProperty(error, key, { get: boom });
  }
  return error;
}

const told = (react: () => unknown): Fault => ({
  options: { onError: () => react() },
});
const observed = (react: (event: TaskEvent) => unknown): Fault => ({
  fn: () => 'value',
  module: { observers: [(event) => void react(event)] },
  status: 'succeeded',
});

/** What misbehaves: one row each of the matrices of faults. */
export const faults: Record<string, Fault> = {
  'a function that throws': {},
  'a function that rejects': { fn: async () => boom() },
  'a function that throws undefined': {
    fn: () => {
      // oxlint-disable-next-line no-throw-literal
      throw undefined;
    },
  },
  'a function that throws a frozen error': {
    fn: () => {
      throw Object.freeze(new Error('frozen'));
    },
  },
  'a function that throws an error whose properties throw': {
    fn: () => {
      throw hostileError();
    },
  },
  'a function that throws a revoked proxy': {
    fn: () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      throw proxy;
    },
  },
  'a thenable whose then throws': {
    fn: () => ({
      then: boom,
    }),
  },
  'a thenable whose then cannot be read': {
    fn: () => Object.defineProperty({}, 'then', { get: boom }),
  },
  'a thenable that settles twice': {
    fn: () => ({
      then(resolve: () => void, reject: (error: unknown) => void) {
        resolve();
        reject(new Error('too late'));
        boom();
      },
    }),
    status: 'succeeded',
    logged: 0,
  },
  'an Observable that fails when it is subscribed to': {
    fn: () => new Observable(boom),
  },
  'an Observable that fails after its end': {
    fn: () =>
      new Observable((subscriber) => {
        subscriber.complete();
        subscriber.error(new Error('too late'));
      }),
    status: 'succeeded',
    logged: 0,
  },
  'an Observable that fails when it is unsubscribed from': {
    fn: () => new Observable(() => boom),
    options: { timeout: 1 },
    logged: 2,
  },
  'a function that never settles': {
    fn: () => new Promise(() => {}),
    options: { timeout: 1 },
  },
  'a function that rejects after its timeout': {
    fn: () =>
      new Promise((_resolve, reject) => {
        setImmediate(() => setTimeout(reject, 3, new Error('late')));
      }),
    options: { timeout: 1 },
  },
  'an error handler that throws': { ...told(boom), logged: 2 },
  'an error handler that rejects': { ...told(async () => boom()), logged: 2 },
  'an error handler that rejects with null': {
    ...told(() => Promise.reject(null)),
    logged: 2,
  },
  'an error handler that fails as an Observable': {
    ...told(() => new Observable(boom)),
    logged: 2,
  },
  'an error handler whose class cannot be made': {
    options: {
      onError: class {
        constructor() {
          boom();
        }
        handle() {}
      },
    },
    logged: 2,
  },
  'an error handler that cancels the task': {
    options: { onError: (task) => task.cancel() },
  },
  'an error handler that runs the task again': {
    options: { onError: (task) => task.run() },
    logged: 2,
  },
  'an observer that throws': { ...observed(boom), logged: 3 },
  'a retryIf that throws': {
    options: { retries: 3, retryIf: boom },
    logged: 2,
  },
  'a retryIf that returns no boolean': {
    options: { retries: 3, retryIf: (() => undefined) as never },
  },
  'a backoff that throws': {
    options: { retries: 3, backoff: boom },
    logged: 2,
  },
  'a backoff that returns no duration': {
    options: { retries: 3, backoff: () => Number.NaN },
    logged: 2,
  },
  'a backoff that returns a negative duration': {
    options: { retries: 3, backoff: () => -1 },
    logged: 2,
  },
  'a signal that has fired before': {
    options: { signal: AbortSignal.abort() },
    status: 'cancelled',
    logged: 0,
  },
};
