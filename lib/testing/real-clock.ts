import type { Clock } from '../core/base/clock.js';

// A test may replace the globals with fake timers, which do not advance while it waits.
const { setTimeout, clearTimeout, setImmediate, performance, Date } =
  globalThis;
const now = performance.now.bind(performance);

/** The clock of the waits of a test. */
export const realClock: Clock = {
  now,
  date: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  nextTurn: (callback) => void setImmediate(callback),
};

/** Resolves after a full turn of the event loop, in which pending I/O was received. */
export function fullTurn(): Promise<void> {
  // The first immediate may still belong to the current turn.
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
