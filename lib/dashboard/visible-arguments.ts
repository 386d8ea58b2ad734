import { inspect } from 'node:util';
import { excerpt } from '../core/base/describe.js';
import type { ArgumentsRow } from './wire/live-message.js';

/**
 * A task whose arguments may be shown, in this process or stored.
 *
 * @publicApi
 */
export interface ShownTask {
  /** Its id. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** Its idempotency key, if it has one. */
  readonly key?: string | undefined;
  /** What its function is called with. */
  readonly args: readonly unknown[];
}

/**
 * What of a task's arguments may be seen; `undefined` hides them.
 *
 * @publicApi
 */
export type ShowArguments = (task: ShownTask) => unknown;

const MAX_LENGTH = 4_000;
const FORMAT = {
  depth: 5,
  maxArrayLength: 50,
  maxStringLength: 1_000,
  breakLength: 72,
  // What an object says of itself may throw, or say more than it should.
  customInspect: false,
} as const;

/** The number of arguments, and what `show` lets be seen of them. Never throws. */
export function visibleArguments(
  task: ShownTask,
  show: ShowArguments | undefined,
): ArgumentsRow {
  const count = task.args.length;
  if (!show) return { count };
  try {
    const shown = show(task);
    if (shown === undefined) return { count };
    const text = typeof shown === 'string' ? shown : inspect(shown, FORMAT);
    return { count, shown: excerpt(text, MAX_LENGTH) };
  } catch {
    return { count, shown: '`show` failed for this task.' };
  }
}
