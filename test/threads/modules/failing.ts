import { setImmediate as nextTurn } from 'node:timers/promises';

export function failWithRangeError(value: number): void {
  throw new RangeError(`no more than 10, but ${value}`);
}

/** An error of a class that says nothing of its name. */
class ImageTooLargeError extends Error {
  readonly code = 'E_TOO_LARGE';
  readonly limit = { width: 100, taken: Buffer.from('x') };
  readonly retry = () => {};
}

class NamedError extends TypeError {
  override readonly name = 'GivenName';
}

const causes = () =>
  new ImageTooLargeError('outer', {
    cause: new NamedError('middle', { cause: { reason: 'inner' } }),
  });

function cyclic(): Error {
  const first: Error = new Error('first');
  first.cause = new Error('second', { cause: first });
  return first;
}

const THROWN = {
  RangeError: () => new RangeError('x'),
  TypeError: () => new TypeError('x'),
  SyntaxError: () => new SyntaxError('x'),
  Error: () => new Error('x'),
  'system error': () =>
    Object.assign(new Error('ENOENT: no such file'), {
      code: 'ENOENT',
      errno: -2,
      path: '/nowhere',
    }),
  'class of its own': () => new ImageTooLargeError('too large'),
  causes,
  cycle: cyclic,
  aggregate: () => new AggregateError([new TypeError('one'), 2], 'several'),
  DOMException: () => new DOMException('it took too long', 'TimeoutError'),
  nested: () => Object.assign(new Error('x'), { inner: new RangeError('y') }),
  unreadable: () =>
    Object.defineProperty(new Error('x'), 'broken', {
      enumerable: true,
      get() {
        throw new Error('never');
      },
    }),
  // What TaskRetryAfterError and TaskUnrecoverableError are, without loading them here.
  'retry after': () =>
    Object.assign(new Error('429'), { code: 'TASK_RETRY_AFTER', afterMs: 1 }),
  unrecoverable: () =>
    Object.assign(new Error('no address'), { code: 'TASK_UNRECOVERABLE' }),
  string: () => 'a string',
  undefined: () => undefined,
  null: () => null,
  object: () => ({ status: 503, list: [1] }),
  function: () => () => {},
} satisfies Record<string, () => unknown>;

export type Thrown = keyof typeof THROWN;

/** Throws one of many things. */
export function throwThat(what: Thrown): never {
  // oxlint-disable-next-line typescript/only-throw-error -- what is thrown is what is tested
  throw THROWN[what]();
}

export async function rejectLater(): Promise<never> {
  await nextTurn();
  throw new TypeError('later');
}

/** Ends its thread before it is done. */
export async function exit(code: number): Promise<void> {
  process.exit(code);
}

/** Fails outside the call, before it is done. */
export function failBeside(): Promise<void> {
  setImmediate(() => {
    throw new RangeError('beside');
  });
  return new Promise(() => {});
}

/** Fails outside the call, when it is done and the thread is told to. */
export function failAfterwards(shared: SharedArrayBuffer): string {
  const failWhenTold = () => {
    if (Atomics.load(new Int32Array(shared), 0) === 1) {
      throw new RangeError('afterwards');
    }
    setImmediate(failWhenTold);
  };
  setImmediate(failWhenTold);
  return 'done';
}

export const noFunction = 7;
