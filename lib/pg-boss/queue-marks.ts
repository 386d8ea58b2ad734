import { quoted } from '../core/base/describe.js';
import { TaskInvalidOptionError } from '../core/base/errors.js';

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

/** The queue of the leases of processes that declare recurring tasks. */
export function declarersOf(queue: string): string {
  return `${queue}/declarers`;
}

const MARK = /\/(?:paused|changes|declarers)$/;

/**
 * pg-boss allows the same characters in its queues as this library, so only the
 * end of a name distinguishes a mark from a queue of an application.
 *
 * @throws TaskInvalidOptionError for a name that is that of a mark
 */
export function mustBeNoMark(queue: string, option = 'queue'): void {
  if (!MARK.test(queue)) return;
  throw new TaskInvalidOptionError(
    `\`${option}\` must not end in /paused, /changes or /declarers with pgBossEngine(), which has queues of its own with such names, got ${quoted(queue)}.`,
  );
}
