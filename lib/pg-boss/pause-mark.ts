/**
 * pg-boss has no pause. An empty queue of this name says, to every process, that the queue
 * is paused: it is created and deleted by pg-boss's own means, and shows in its tools.
 */
export function pauseMarkOf(queue: string): string {
  return `${queue}/paused`;
}

/** What is announced beside new jobs: pg-boss itself has no queue of that name. */
export function changesOf(queue: string): string {
  return `${queue}/changes`;
}
