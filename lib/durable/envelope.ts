import { TaskRefusedError } from '../core/base/durable-errors.js';
import { delayMsOf, isDelayed } from '../core/options/delay.js';
import { mergeTaskOptions } from '../core/options/merge-task-options.js';
import { isTaskOption } from '../core/options/task-option-checks.js';
import {
  DEFAULT_QUEUE,
  type DurableTask,
} from '../core/running/durable-task.js';
import type { DeclaredTask } from '../core/task/declared-task.js';
import type { TaskPhase } from '../core/task/task-phase.js';
import type { TaskOptions } from '../core/task/task.js';
import type { TaskJob, TaskJobOptions } from './durable-engine.js';

/** A job that this process cannot run, but another one may: it is put back. */
export class UnknownJobError extends Error {}

/** The form of most jobs that this version writes. */
export const JOB_VERSION = 1;

/** The form of the jobs of recurring tasks, which is newer: it has no arguments. */
export const OCCURRENCE_VERSION = 2;

/**
 * Whether an option of a call travels with its job. A new option does not compile until
 * it is listed here.
 */
const TRAVELS = {
  name: true,
  shield: true,
  timeout: true,
  retries: true,
  backoff: true,
  onError: false,
  runOn: false,
  retryIf: false,
  delay: false,
  at: false,
  signal: false,
  required: false,
  durable: false,
  key: false,
  priority: false,
  queue: false,
  transaction: false,
} as const satisfies {
  [K in keyof Required<TaskOptions>]: K extends keyof TaskJobOptions
    ? true
    : false;
};

const TRAVELLING = (Object.keys(TRAVELS) as (keyof typeof TRAVELS)[]).filter(
  (name): name is keyof TaskJobOptions => TRAVELS[name],
);

const PHASES: readonly TaskPhase[] = [
  'immediate',
  'afterRoute',
  'afterResponse',
];

/** The form in which an engine stores a task. */
export function jobOf(
  task: DurableTask,
  context: Readonly<Record<string, string>> | undefined,
): TaskJob {
  const { declared, options, id, phase, key, payload, scheduledAt } = task;
  return {
    version: JOB_VERSION,
    id,
    task: declared?.name ?? task.name,
    args: payload,
    phase,
    ...(key !== undefined && { key }),
    ...(options.priority && { priority: options.priority }),
    ...queueOf(options),
    scheduledAt,
    ...dueTime(options),
    options: differing(options, declared?.options[phase] ?? {}),
    ...(context && { context }),
  };
}

/**
 * The idempotency key of a job in the store: a `key` belongs to a task name, within a
 * queue.
 */
export function queueKeyOf({
  task,
  key,
  queue,
}: Pick<TaskJob, 'task' | 'key' | 'queue'>): string | undefined {
  if (key === undefined) return undefined;
  return JSON.stringify(isNamed(queue) ? [task, key, queue] : [task, key]);
}

/** How long a job that is stored now waits before its first attempt, in milliseconds. */
export function delayOf(
  { delayMs = 0, dueAt }: Pick<TaskJob, 'delayMs' | 'dueAt'>,
  nowMs: number,
): number {
  return dueAt === undefined ? delayMs : Math.max(0, dueAt - nowMs);
}

/** The options of a job: those of its declaration, and those of its call. */
export function optionsOf(
  { phase, options }: TaskJob,
  declared: DeclaredTask,
): Readonly<TaskOptions> {
  const base = declared.options[phase];
  return Object.keys(options).length > 0
    ? mergeTaskOptions(base, options)
    : base;
}

/** What each part of a job must be. The arguments are checked by their codec. */
const PARTS: Readonly<Record<keyof TaskJob, (value: unknown) => boolean>> = {
  version: isVersion,
  id: isText,
  task: isText,
  args: (value) => typeof value === 'string',
  phase: (value) => (PHASES as readonly unknown[]).includes(value),
  key: (value) => value === undefined || isTaskOption('key', value),
  scheduledAt: isTimeOrMissing,
  options: areOptions,
  priority: (value) => value === undefined || isTaskOption('priority', value),
  queue: (value) => value === undefined || isTaskOption('queue', value),
  delayMs: isTimeOrMissing,
  dueAt: isTimeOrMissing,
  scheduledFor: isTimeOrMissing,
  context: (value) =>
    value === undefined ||
    (isRecord(value) &&
      Object.values(value).every((text) => typeof text === 'string')),
};

/**
 * A job as its engine has read it from a store: the one place that checks it. Anything
 * may have put it there, so the errors do not show its contents.
 *
 * @throws TaskRefusedError for anything that `jobOf()` cannot have made
 * @throws UnknownJobError for a job of a newer version
 */
export function jobFrom(data: unknown): TaskJob {
  if (!isRecord(data)) {
    throw new TaskRefusedError(
      `it was not stored by nestjs-tasks: it must be an object, got ${kindOf(data)}`,
    );
  }
  const { version } = data;
  // Before all else, as a newer form may have other parts.
  if (isVersion(version) && version > OCCURRENCE_VERSION) {
    throw new UnknownJobError(
      `it was written by a newer version of nestjs-tasks (form ${version}, this worker knows ${OCCURRENCE_VERSION}). Update this worker`,
    );
  }
  for (const [part, isValid] of Object.entries(PARTS)) {
    if (isValid(data[part])) continue;
    throw new TaskRefusedError(
      `it was not stored by nestjs-tasks: its \`${part}\` is ${data[part] === undefined ? 'missing' : 'invalid'}`,
    );
  }
  if (!Object.keys(data).every((part) => Object.hasOwn(PARTS, part))) {
    throw new TaskRefusedError(
      'it was not stored by nestjs-tasks: it has parts that no job has',
    );
  }
  // The compiler does not see that each part has been checked.
  return data as unknown as TaskJob;
}

function areOptions(value: unknown): boolean {
  return (
    isRecord(value) &&
    Object.entries(value).every(
      ([name, option]) =>
        (TRAVELLING as readonly string[]).includes(name) &&
        typeof option !== 'function' &&
        (option === undefined ||
          isTaskOption(name as keyof TaskJobOptions, option)),
    )
  );
}

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isTimeOrMissing(value: unknown): boolean {
  return (
    value === undefined || (Number.isFinite(value) && (value as number) >= 0)
  );
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

/** By the store's clock as far as possible: a delay begins when the job is stored. */
function dueTime(
  options: Readonly<TaskOptions>,
): Pick<TaskJob, 'delayMs' | 'dueAt'> {
  const { at } = options;
  if (at) return { dueAt: Math.max(0, at.getTime()) };
  return isDelayed(options) ? { delayMs: delayMsOf(options, 0) } : {};
}

/** Jobs of 0.1.0 have no queue, so those of the default one have none either. */
function queueOf({
  queue,
}: Readonly<TaskOptions>): Pick<TaskJob, 'queue'> | undefined {
  return isNamed(queue) ? { queue } : undefined;
}

function isNamed(queue: string | undefined): queue is string {
  return queue !== undefined && queue !== DEFAULT_QUEUE;
}

/** The options of a call that travel and differ from those of the declaration. */
function differing(
  options: Readonly<TaskOptions>,
  declared: Readonly<TaskOptions>,
): TaskJobOptions {
  const travelling: Record<string, unknown> = {};
  for (const name of TRAVELLING) {
    const value = options[name];
    // A function cannot travel.
    if (value !== declared[name] && typeof value !== 'function') {
      travelling[name] = value;
    }
  }
  return travelling;
}
