import { toMilliseconds, type Duration } from '../core/base/duration.js';
import {
  aCount,
  aDuration,
  checkOptions,
  oneOf,
} from '../core/options/check-options.js';

/**
 * When the tasks of an application are healthy.
 *
 * @publicApi
 */
export interface TasksHealthOptions {
  /**
   * How many tasks may wait for a slot in this process.
   *
   * @default any number
   */
  maxWaiting?: number | undefined;
  /**
   * For how long a task may have waited for a slot in this process.
   *
   * @default any time
   */
  maxOldest?: Duration | undefined;
  /**
   * Whether the application is healthy only if the store of durable tasks answers. With
   * `'optional'` the result shows whether it does.
   *
   * @default 'required'
   */
  store?: 'required' | 'optional' | undefined;
  /**
   * How long the store may take to answer.
   *
   * @default '1s'
   */
  timeout?: Duration | undefined;
}

const CHECKS = {
  maxWaiting: aCount(0),
  maxOldest: aDuration,
  store: oneOf('required', 'optional'),
  timeout: aDuration,
};

export interface TasksHealthLimits {
  readonly maxWaiting: number;
  readonly maxOldestMs: number;
  readonly isStoreRequired: boolean;
  readonly timeoutMs: number;
}

/** @throws TaskInvalidOptionError for unknown options and invalid values */
export function healthLimits(options: TasksHealthOptions): TasksHealthLimits {
  checkOptions(options, CHECKS, 'The options of isHealthy()');
  const { maxWaiting, maxOldest, store, timeout } = options;
  return {
    maxWaiting: maxWaiting ?? Infinity,
    maxOldestMs:
      maxOldest === undefined
        ? Infinity
        : toMilliseconds(maxOldest, 'maxOldest'),
    isStoreRequired: store !== 'optional',
    timeoutMs: toMilliseconds(timeout ?? '1s', 'timeout'),
  };
}
