import {
  aCount,
  aDuration,
  aString,
  anAge,
  oneOf,
  refuse,
  type OptionCheck,
} from '../core/options/check-options.js';
import type { Duration } from '../core/base/duration.js';
import type { ArgumentCodec } from '../durable/durable-engine.js';

/**
 * The options that all engines share.
 *
 * @publicApi
 */
export interface EngineOptions {
  /**
   * How long the application waits for tasks to be stored before it applies `fallback`.
   *
   * @default '2s'
   */
  enqueueTimeout?: Duration | undefined;
  /**
   * What happens to a task that could not be stored in time: it runs in this process, or
   * it fails.
   *
   * @default 'in-process'
   */
  fallback?: 'in-process' | 'fail' | undefined;
  /**
   * The maximum size of one task's arguments, encoded, in bytes. Larger ones are refused
   * when the task is scheduled.
   *
   * @default 262144 (256 KiB)
   */
  maxArgumentBytes?: number | undefined;
  /**
   * Converts the arguments of tasks to the text that is stored, and back, such as to
   * encrypt them. Processes that share a queue need codecs that understand each other: a
   * job whose arguments a codec cannot decode is put back, for up to `unknownFor`.
   *
   * @default `argumentCodec()`: JSON, and devalue for what JSON cannot restore
   */
  codec?: ArgumentCodec | undefined;
  /**
   * How long a worker puts a job back that it does not know, such as one of a task that a
   * newer deployment declares, before the job is kept as failed.
   *
   * @default '1d'
   */
  unknownFor?: Duration | undefined;
  /**
   * Distinguishes the recurring tasks of this application from those of others that share its
   * queue. An application ends the schedule of a task that none of its processes declares
   * any more; those of another name it leaves alone.
   *
   * @default all applications without a name count as one
   */
  application?: string | undefined;
}

/** The checks of {@link EngineOptions}. */
export const ENGINE_CHECKS = {
  enqueueTimeout: aDuration,
  fallback: oneOf('in-process', 'fail'),
  maxArgumentBytes: aCount(1),
  codec: aCodec,
  unknownFor: anAge,
  application: aString,
} satisfies Record<keyof EngineOptions, OptionCheck>;

function aCodec(value: unknown, option: string): void {
  const { encode, decode } = Object(value) as Partial<ArgumentCodec>;
  if (typeof encode !== 'function' || typeof decode !== 'function') {
    refuse(option, 'an object with encode() and decode()', value);
  }
}

/** Why an engine stores no more jobs. */
export const STOPPED = 'the engine was stopped when its application closed';

export const DEFAULT_MAX_ARGUMENT_BYTES = 262_144;
