/** Where time comes from: the system's clock, or a test's. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since 1970, by the wall clock. */
  date(): number;
  /** Calls `callback` once, `delayMs` from now, unless the returned function is called first. */
  after(delayMs: number, callback: () => void): () => void;
  /** Calls `callback` in a later turn of the event loop. */
  nextTurn(callback: () => void): void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  nextTurn: (callback) => void setImmediate(callback),
};

const resolved = Promise.resolve();

/** Calls `act` in the next microtask. Fake timers replace `queueMicrotask`, but not promises. */
export function nextMicrotask(act: () => void): void {
  void resolved.then(act);
}
