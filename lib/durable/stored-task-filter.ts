import { TaskInvalidOptionError } from '../core/base/errors.js';
import {
  aCount,
  aString,
  checkOptions,
  oneOf,
  refuse,
  type OptionCheck,
} from '../core/options/check-options.js';
import type { StoredJobFilter } from './stored-jobs.js';
import {
  STORED_STATUSES,
  type StoredTaskFilter,
  type StoredTaskStatus,
} from './stored-task.js';

/** What a method does to the tasks that match its filter, and to which of them. */
export interface StoredTaskAction {
  /** The statuses that it can do something about, in the order of its work. */
  readonly statuses: readonly StoredTaskStatus[];
  /** Those of a filter that names none; default all of these. */
  readonly unlessNamed?: readonly StoredTaskStatus[];
  /** Whether the filter must name something. */
  readonly isNarrow: boolean;
}

const aStatus = oneOf(...STORED_STATUSES);

const CHECKS = {
  name: aString,
  status: (value, option) => {
    if (!Array.isArray(value)) return aStatus(value, option);
    if (value.length === 0) refuse(option, 'a status, or several', value);
    for (const status of value as unknown[]) aStatus(status, `${option}[]`);
  },
  queue: aString,
  key: aString,
  limit: aCount(1),
} satisfies Record<keyof StoredTaskFilter, OptionCheck>;

/**
 * A filter, checked, for an action.
 *
 * @throws TaskInvalidOptionError for unknown keys, invalid values, and an empty filter where
 * all tasks of the store would be changed
 */
export function storedJobFilter(
  filter: StoredTaskFilter,
  { statuses, unlessNamed = statuses, isNarrow }: StoredTaskAction,
  what: string,
): StoredJobFilter & { readonly limit: number } {
  const checked = checkOptions(filter, CHECKS, what) as StoredTaskFilter;
  const { name, queue, key, status, limit = Infinity } = checked;
  if (isNarrow && (name ?? queue ?? status ?? key) === undefined) {
    throw new TaskInvalidOptionError(
      `${what} must have a \`name\`, a \`key\`, a \`queue\` or a \`status\`, as all tasks of the store would be meant otherwise.`,
    );
  }
  const wanted = status === undefined ? unlessNamed : [status].flat();
  return {
    statuses: statuses.filter((each) => wanted.includes(each)),
    name,
    queue,
    key,
    limit,
  };
}
