import {
  aCount,
  aDuration,
  aString,
  checkOptions,
  refuse,
  type OptionCheck,
} from '../core/check-options.js';
import { toMilliseconds, type Duration } from '../core/duration.js';
import { ENGINE_CHECKS } from '../durable/engine-options.js';
import type {
  BullmqEngineOptions,
  BullmqKeep,
  BullmqKeepPolicy,
  BullmqWorkerOptions,
} from './bullmq-engine-options.js';

const WORKER_CHECKS = {
  concurrency: aCount(1),
  name: aName,
  limiter: aLimiter,
  lockDuration: anInterval,
  stalledInterval: anInterval,
  maxStalledCount: aCount(0),
} satisfies Record<keyof BullmqWorkerOptions, OptionCheck>;

const KEEP_CHECKS = {
  completed: aKeepPolicy,
  failed: aKeepPolicy,
} satisfies Record<keyof BullmqKeep, OptionCheck>;

const POLICY_CHECKS = {
  count: aCount(1),
  age: aDuration,
} satisfies Record<keyof Exclude<BullmqKeepPolicy, boolean>, OptionCheck>;

const CHECKS = {
  ...ENGINE_CHECKS,
  connection: aConnection,
  queue: aName,
  prefix: aPrefix,
  worker: (value) => {
    if (value === false) return;
    checkOptions(value, WORKER_CHECKS, 'The options of `worker`');
  },
  keep: (value) => checkOptions(value, KEEP_CHECKS, 'The options of `keep`'),
} satisfies Record<keyof BullmqEngineOptions, OptionCheck>;

/** @throws TaskInvalidOptionError for options that cannot be used */
export function checkBullmqOptions(options: BullmqEngineOptions): void {
  checkOptions(options, CHECKS, 'The options of bullmqEngine()');
  if (options.connection === undefined) aConnection(undefined, 'connection');
}

/** What BullMQ puts between the parts of its keys cannot be in one of them. */
function aName(value: unknown, option: string): void {
  aString(value, option);
  if (value === '' || (value as string).includes(':')) {
    refuse(option, 'a name that is not empty and holds no ":"', value);
  }
}

function aPrefix(value: unknown, option: string): void {
  aString(value, option);
  if (value === '') refuse(option, 'a text that is not empty', value);
}

function anInterval(value: unknown, option: string): void {
  if (!(toMilliseconds(value as Duration, option) >= 100)) {
    refuse(option, 'a duration of 100 ms or more', value);
  }
}

function aLimiter(value: unknown, option: string): void {
  checkOptions(
    value,
    { max: aCount(1), duration: aDuration },
    `The options of \`${option}\``,
  );
  const { max, duration } = value as { max?: number; duration?: Duration };
  if (max === undefined || duration === undefined) {
    refuse(option, 'an object with `max` and `duration`', value);
  }
}

function aKeepPolicy(value: unknown, option: string): void {
  if (typeof value === 'boolean') return;
  checkOptions(value, POLICY_CHECKS, `The options of \`keep.${option}\``);
}

function aConnection(value: unknown, option: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse(option, 'options of ioredis, or an instance of it', value);
  }
  const { isCluster, options, url, keyPrefix } = value as {
    isCluster?: unknown;
    options?: { keyPrefix?: unknown };
    url?: unknown;
    keyPrefix?: unknown;
  };
  if (isCluster) {
    refuse(option, 'to one Redis, or its sentinels: no cluster', value);
  }
  if (
    url !== undefined &&
    (typeof url !== 'string' || !/^rediss?:/.test(url))
  ) {
    // Not shown, as it may hold a password.
    refuse('connection.url', "a URL like 'redis://host:6379'", {});
  }
  if (keyPrefix || options?.keyPrefix) {
    refuse(
      'connection.keyPrefix',
      'left out: BullMQ has `prefix` for that',
      '',
    );
  }
}
