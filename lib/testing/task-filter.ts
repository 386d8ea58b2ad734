import { inspect, isDeepStrictEqual, types } from 'node:util';
import { checkOptions, oneOf, refuse } from '../core/check-options.js';
import type { TaskStatus } from '../core/task-outcome.js';
import type { Task, TaskPhase } from '../core/task.js';

/**
 * Says which tasks are meant: those to which all of it applies. An empty one means
 * every task.
 *
 * @publicApi
 */
export interface TaskFilter {
  /** The whole name, or what the name must match. */
  name?: string | RegExp | undefined;
  /** The moment at which the task starts. */
  phase?: TaskPhase | undefined;
  /** What the task is now. */
  status?: TaskStatus | undefined;
  /** All arguments, equal as `isDeepStrictEqual` of `node:util` sees it. */
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

/** @throws TaskInvalidOptionError for what can be no filter */
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
    'Filters of tasks',
  );
}

/** Whether a task is one of those that a checked filter means. */
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
  // Unlike `test()`, it does not care where a global expression was left.
  return typeof name === 'string'
    ? task.name === name
    : task.name.search(name) >= 0;
}
