import type { KeepJobs } from 'bullmq';
import { toMilliseconds } from '../core/duration.js';
import type { BullmqKeepPolicy } from './bullmq-engine-options.js';

/** What BullMQ calls this policy. */
export function keepJobsOf(policy: BullmqKeepPolicy): KeepJobs {
  if (policy === true) return { count: -1 };
  if (policy === false) return { count: 0 };
  const { count = -1, age } = policy;
  if (age === undefined) return { count };
  return { count, age: Math.ceil(toMilliseconds(age, 'age') / 1_000) };
}
