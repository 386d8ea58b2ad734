import type { Callable } from '../../lib/core/task/declared-task.js';

/** Throws at any access. */
function revoked(): never {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy as never;
}

/** Throws when anything of it is read. */
function unreadable(): object {
  const trap = () => {
    throw new Error('trap');
  };
  return new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap });
}

function thenable(then: Callable): object {
  return Object.defineProperty({}, 'then', { value: then });
}

type Callbacks = [(value: unknown) => void, (error: unknown) => void];

/** What the function of a task may do that no well-behaved one does. */
export const HOSTILE_ACTS: readonly (() => unknown)[] = [
  () => {
    throw revoked();
  },
  () => {
    throw unreadable();
  },
  () => {
    throw Object.assign(new Error('x'), { message: ['no'], stack: null });
  },
  () => {
    throw Object.defineProperty(new Error('x'), 'message', {
      get: () => {
        throw new Error('trap');
      },
    });
  },
  () => {
    throw undefined;
  },
  () => revoked(),
  () => unreadable(),
  () => Promise.reject(unreadable()),
  () => Promise.resolve(unreadable()),
  () =>
    Object.defineProperty({}, 'then', {
      get: () => {
        throw new Error('trap');
      },
    }),
  () =>
    thenable((...[resolve, reject]) => {
      const callbacks = [resolve, reject] as unknown as Callbacks;
      callbacks[0](1);
      callbacks[0](2);
      callbacks[1](new Error('too late'));
      throw new Error('too late');
    }),
  () => thenable(() => {}),
  () =>
    thenable((resolve) => (resolve as unknown as Callbacks[0])(unreadable())),
  () => ({
    lift: () => {},
    subscribe: () => {
      throw new Error('trap');
    },
  }),
  () => ({
    lift: () => {},
    subscribe: (observer: { complete(): void; error(e: unknown): void }) => {
      observer.complete();
      observer.complete();
      observer.error(new Error('too late'));
      return null;
    },
  }),
  () => ({
    lift: () => {},
    subscribe: () => ({
      unsubscribe: () => {
        throw new Error('trap');
      },
    }),
  }),
  function* () {
    yield Promise.reject(new Error('yielded'));
  },
  async function* () {
    try {
      yield await new Promise(() => {});
    } finally {
      // oxlint-disable-next-line no-unsafe-finally -- hostile
      throw new Error('at its end');
    }
  },
  () => ({
    next: () => unreadable(),
    return: () => revoked(),
    throw: () => {},
    [Symbol.iterator]: () => {},
  }),
];
