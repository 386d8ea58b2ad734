import type { KeepJobs } from 'bullmq';
import {
  aCount,
  anAge,
  optionGroup,
  type OptionCheck,
} from '../core/options/check-options.js';
import { toMilliseconds, type Duration } from '../core/base/duration.js';

/**
 * Which finished jobs stay in Redis: all (`true`), none (`false`), or the newest `count`
 * that are no older than `age`. Older ones are removed when another job finishes.
 *
 * @publicApi
 */
export type BullmqKeepPolicy =
  | boolean
  | {
      /** The number of jobs to keep. */
      count?: number | undefined;
      /** The age up to which jobs are kept, to the second. */
      age?: Duration | undefined;
    };

/**
 * Which finished jobs the worker leaves in Redis.
 *
 * @publicApi
 */
export interface BullmqKeep {
  /**
   * Jobs whose task succeeded. Those with a `keepResult` are kept in any case; a `count` or
   * an `age` limits them too.
   *
   * @default false
   */
  completed?: BullmqKeepPolicy | undefined;
  /**
   * Jobs whose last attempt failed, or that were refused or cancelled.
   *
   * @default true
   */
  failed?: BullmqKeepPolicy | undefined;
}

const aPolicy = optionGroup({
  count: aCount(1),
  age: anAge,
} satisfies Record<keyof Exclude<BullmqKeepPolicy, boolean>, OptionCheck>);

/** Checks the `keep` option. */
export const aKeep = optionGroup({
  completed: aKeepPolicy,
  failed: aKeepPolicy,
} satisfies Record<keyof BullmqKeep, OptionCheck>);

function aKeepPolicy(value: unknown, option: string): void {
  if (typeof value !== 'boolean') aPolicy(value, option);
}

/** The options of BullMQ that a checked `keep` option stands for. */
export function keepSettings({
  completed = false,
  failed = true,
}: BullmqKeep): { removeOnComplete: KeepJobs; removeOnFail: KeepJobs } {
  return {
    removeOnComplete: keepJobsOf(completed, 'keep.completed'),
    removeOnFail: keepJobsOf(failed, 'keep.failed'),
  };
}

function keepJobsOf(policy: BullmqKeepPolicy, option: string): KeepJobs {
  if (policy === true) return { count: -1 };
  if (policy === false) return { count: 0 };
  const { count = -1, age } = policy;
  if (age === undefined) return { count };
  const ageMs = toMilliseconds(age, `${option}.age`, Number.MAX_SAFE_INTEGER);
  return { count, age: Math.ceil(ageMs / 1_000) };
}
