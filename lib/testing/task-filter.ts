import { inspect, isDeepStrictEqual, types } from 'node:util';
import { checkOptions, oneOf, refuse } from '../core/options/check-options.js';
import type { TaskStatus } from '../core/task/task-outcome.js';
import type { Task } from '../core/task/task.js';
import type { TaskPhase } from '../core/task/task-phase.js';

/**
 * Selects the tasks that match all of its properties. An empty filter selects every
 * task.
 *
 * @publicApi
 */
export interface TaskFilter {
  /** The whole name, or a regular expression that it must match. */
  name?: string | RegExp | undefined;
  /** The phase in which the task runs. */
  phase?: TaskPhase | undefined;
  /** The current status of the task. */
  status?: TaskStatus | undefined;
  /** All arguments, compared with `isDeepStrictEqual` of `node:util`. */
  args?: readonly unknown[] | undefined;
}

const PHASES = [
  'immediate',
  'afterRoute',
  'afterResponse',
] satisfies readonly TaskPhase[];

const STATUSES = [
  'scheduled',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
  'dropped',
  'enqueued',
] satisfies readonly TaskStatus[];

/** @throws TaskInvalidOptionError for values that are not a filter */
export function checkFilter(filter: TaskFilter): void {
  checkOptions(
    filter,
    {
      name(value, key) {
        if (typeof value !== 'string' && !types.isRegExp(value)) {
          refuse(key, 'a string or a regular expression', value);
        }
      },
      phase: oneOf(...PHASES),
      status: oneOf(...STATUSES),
      args(value, key) {
        if (!Array.isArray(value)) refuse(key, 'a list of arguments', value);
      },
    },
    'Task filters',
  );
}

/** Whether a checked filter selects a task. */
export function matches(task: Task, filter: TaskFilter): boolean {
  const { name, phase, status, args } = filter;
  return (
    (name === undefined || hasName(task, name)) &&
    (phase === undefined || task.phase === phase) &&
    (status === undefined || task.status === status) &&
    (args === undefined || isDeepStrictEqual(task.args, args))
  );
}

export function describeFilter(filter: TaskFilter): string {
  return inspect(filter, { depth: 4, breakLength: Infinity });
}

function hasName(task: Task, name: string | RegExp): boolean {
  // Unlike `test()`, `search()` ignores the `lastIndex` of a global expression.
  return typeof name === 'string'
    ? task.name === name
    : task.name.search(name) >= 0;
}
