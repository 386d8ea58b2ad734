import { quoted } from '../core/base/describe.js';
import { inspect } from 'node:util';
import type { Task } from '../core/task/task.js';
import { messageOf } from '../core/base/to-error.js';

const MOST_TASKS = 30;
const LONGEST_ARGS = 120;

/** The tasks, one per line, for the message of a failed test. */
export function listTasks(
  tasks: Iterable<Task>,
  errors: ReadonlyMap<Task, Error>,
): string {
  const all = [...tasks];
  const lines = all
    .slice(0, MOST_TASKS)
    .map((task) => describeTask(task, errors.get(task)));
  if (all.length > MOST_TASKS) {
    lines.push(`… and ${all.length - MOST_TASKS} more`);
  }
  return lines.map((line) => `  ${line}`).join('\n');
}

function describeTask(task: Task, error: Error | undefined): string {
  const { name, phase, status, attempt } = task;
  const text = `${quoted(name)} ${phase} ${status}, attempt ${attempt}, args ${shortened(task.args)}`;
  return error ? `${text}: ${error.name}: ${messageOf(error)}` : text;
}

function shortened(args: readonly unknown[]): string {
  const text = inspect(args, {
    depth: 2,
    maxArrayLength: 5,
    maxStringLength: 60,
    breakLength: Infinity,
  });
  return text.length > LONGEST_ARGS ? `${text.slice(0, LONGEST_ARGS)}…` : text;
}
