/** Compile-time cases: this file is checked by `tsc`, and never run. */
import {
  TaskBacklogFullError,
  TaskDroppedError,
  TaskError,
  TaskTimeoutError,
  type TaskErrorCode,
  type TaskEvent,
  type TaskOutcome,
  type TaskStats,
  type TaskStatus,
} from 'nestjs-tasks';
import { check, use, type Equal } from './equal.js';

declare const outcome: TaskOutcome<{ id: string }>;
declare const event: TaskEvent;
declare const error: unknown;

// The properties of an outcome depend on its status.
// @ts-expect-error there is a value only when it succeeded
use(outcome.value);
if (outcome.status === 'succeeded') {
  check<Equal<typeof outcome.value, { id: string }>>();
} else if (outcome.status === 'failed') {
  check<Equal<typeof outcome.error, Error>>();
} else if (outcome.status === 'skipped') {
  check<Equal<typeof outcome.reason, unknown>>();
  // @ts-expect-error there is no error, which only a failure has
  use(outcome.error);
}
// @ts-expect-error a status that is not final
use(outcome.status === 'running');

// The same applies to events.
// @ts-expect-error there is an error only when something failed
use(event.error);
if (event.type === 'retrying' || event.type === 'failed') {
  check<Equal<typeof event.error, Error>>();
} else if (event.type === 'dropped') {
  check<Equal<typeof event.reason, unknown>>();
}
// @ts-expect-error an event that does not exist
use(event.type === 'finished');

// Every status is counted.
check<Equal<keyof TaskStats, TaskStatus>>();

// Errors are distinguished by their class or their code.
if (error instanceof TaskError) {
  check<Equal<typeof error.code, TaskErrorCode>>();
  // @ts-expect-error a code that does not exist
  use(error.code === 'TASK_LATE');
}
new TaskTimeoutError('x', 1, 1) satisfies TaskError;
new TaskBacklogFullError('x', 1) satisfies TaskDroppedError;
