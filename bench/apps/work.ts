/**
 * What the routes schedule: next to nothing, so that what is measured is the way to
 * it. It counts, so that a run in which it was not done cannot pass for a fast one.
 */
let done = 0;

export function work(orderId: number): void {
  if (orderId > 0) done += 1;
}

/** How often {@link work} was done in this process. */
export function worksDone(): number {
  return done;
}
