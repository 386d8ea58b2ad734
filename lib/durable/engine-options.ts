import {
  aCount,
  aDuration,
  oneOf,
  type OptionCheck,
} from '../core/check-options.js';
import type { Duration } from '../core/duration.js';

/**
 * What all engines can be told.
 *
 * @publicApi
 */
export interface EngineOptions {
  /**
   * For how long the application waits until tasks are stored, before it does what
   * `fallback` says.
   *
   * @default '2s'
   */
  enqueueTimeout?: Duration | undefined;
  /**
   * What is done with a task that could not be stored in time: run it in this process,
   * or let it fail.
   *
   * @default 'in-process'
   */
  fallback?: 'in-process' | 'fail' | undefined;
  /**
   * How long the arguments of one task may be, encoded, in bytes. Longer ones are
   * refused when the task is scheduled.
   *
   * @default 262144 (256 KiB)
   */
  maxArgumentBytes?: number | undefined;
}

/** The checks of {@link EngineOptions}. */
export const ENGINE_CHECKS = {
  enqueueTimeout: aDuration,
  fallback: oneOf('in-process', 'fail'),
  maxArgumentBytes: aCount(1),
} satisfies Record<keyof EngineOptions, OptionCheck>;

export const DEFAULT_MAX_ARGUMENT_BYTES = 262_144;
