import { TaskError, type TaskEvent } from '../../../lib/index.js';
import { report } from './report.js';

/** An observer that passes every event on to the test. */
export function reportTask(event: TaskEvent): void {
  const { task } = event;
  report({
    is: 'event',
    event: event.type,
    task: task.name,
    id: task.id,
    phase: task.phase,
    shield: task.options.shield ?? false,
    attempt: task.attempt,
    why: whyOf(event),
  });
}

function whyOf(event: TaskEvent): string | undefined {
  const why =
    'error' in event
      ? event.error
      : 'reason' in event
        ? event.reason
        : undefined;
  if (!(why instanceof Error)) return undefined;
  return why instanceof TaskError ? why.code : why.message;
}
