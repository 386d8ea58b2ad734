import {
  aBoolean,
  aCount,
  aDuration,
  aFunction,
  anErrorHandler,
  aNumber,
  aString,
  anAge,
  checkOptions,
  interceptors,
  oneOf,
  refuse,
  type OptionCheck,
} from './check-options.js';
import { aRepeat } from './repeat.js';
import type {
  DeclaredTaskOptions,
  RecurringTaskOptions,
} from '../task/declared-task.js';
import type { TaskOptions } from '../task/task.js';
import { TaskInvalidOptionError } from '../base/errors.js';

const BACKOFF_CHECKS = {
  type: oneOf('fixed', 'exponential'),
  delay: aDuration,
  max: aDuration,
  factor: aNumber(0, Infinity),
  jitter: aNumber(0, 1),
} satisfies Record<string, OptionCheck>;

const aBackoff: OptionCheck = (value, option) => {
  if (typeof value === 'function') return;
  checkOptions(value, BACKOFF_CHECKS, `The options of \`${option}\``, option);
  const { type, delay } = value as { type?: unknown; delay?: unknown };
  oneOf('fixed', 'exponential')(type, `${option}.type`);
  if (delay === undefined) refuse(`${option}.delay`, 'a duration', delay);
};

// By its shape: a signal may come from another realm or a polyfill.
const aSignal: OptionCheck = (value, option) => {
  const { aborted, addEventListener } = Object(value) as Partial<AbortSignal>;
  if (typeof aborted !== 'boolean' || typeof addEventListener !== 'function') {
    refuse(option, 'an AbortSignal', value);
  }
};

/** Stores index keys, and have limits of their own for them. */
const MAX_KEY_LENGTH = 1_000;

const aKey: OptionCheck = (value, option) => {
  aString(value, option);
  const { length } = value as string;
  if (length === 0 || length > MAX_KEY_LENGTH) {
    refuse(
      option,
      `a non-empty string of at most ${MAX_KEY_LENGTH} characters`,
      value,
    );
  }
};

const aDate: OptionCheck = (value, option) => {
  // By its tag, as a date may come from another realm.
  const isDate = Object.prototype.toString.call(value) === '[object Date]';
  if (!isDate || Number.isNaN((value as Date).getTime())) {
    refuse(option, 'a valid Date', value);
  }
};

const aPriority: OptionCheck = (value, option) => {
  if (
    !Number.isInteger(value) ||
    (value as number) < 0 ||
    (value as number) > 9
  ) {
    refuse(option, 'a whole number from 0 (first) to 9 (last)', value);
  }
};

/** What both BullMQ, which separates the parts of its keys with colons, and pg-boss accept. */
const QUEUE_NAME = /^[\w./-]{1,100}$/;

/** The name of a queue, in whatever store it is. */
export const aQueue: OptionCheck = (value, option) => {
  if (typeof value !== 'string' || !QUEUE_NAME.test(value)) {
    refuse(
      option,
      'a name of at most 100 letters, digits, and any of _ - . /',
      value,
    );
  }
};

/** Its type is known to the engine only. */
const anything: OptionCheck = () => {};

/** A schema as specified by https://standardschema.dev. */
const aSchema: OptionCheck = (value, option) => {
  const { '~standard': standard } = Object(value) as {
    '~standard'?: { validate?: unknown };
  };
  if (typeof standard?.validate !== 'function') {
    refuse(
      option,
      'a Standard Schema, such as one of zod, valibot or arktype',
      value,
    );
  }
};

const CHECKS = {
  name: aString,
  shield: aBoolean,
  onError: anErrorHandler,
  runOn: oneOf('success', 'failure', 'always'),
  timeout: aDuration,
  retries: aCount(0),
  backoff: aBackoff,
  retryIf: aFunction,
  delay: anAge,
  at: aDate,
  signal: aSignal,
  required: aBoolean,
  durable: aBoolean,
  key: aKey,
  priority: aPriority,
  queue: aQueue,
  transaction: anything,
} satisfies Record<keyof TaskOptions, OptionCheck>;

const {
  name: _name,
  signal: _signal,
  key: _key,
  at: _at,
  transaction: _transaction,
  ...DECLARED_CHECKS
} = CHECKS;
const {
  durable: _durable,
  delay: _delay,
  priority: _priority,
  queue: _queue,
  ...DEFAULTS_CHECKS
} = DECLARED_CHECKS;

/**
 * The options of a call, read once.
 *
 * @throws TaskInvalidOptionError for unknown options and invalid values
 */
export function checkTaskOptions(options: TaskOptions): TaskOptions {
  return checkOptions(options, CHECKS, 'The options of a task');
}

/** Whether `value` is a valid value of the option, from a source that is not trusted. */
export function isTaskOption(name: keyof TaskOptions, value: unknown): boolean {
  try {
    CHECKS[name](value, name);
    return true;
  } catch {
    return false;
  }
}

/** Checks `defaults`: the options of every task of an application. */
export const taskDefaults: OptionCheck = (value, option) => {
  const what = `The task options in \`${option}\``;
  checkOptions(value, DEFAULTS_CHECKS, what, option);
};

/**
 * The options of a declaration, read once.
 *
 * @throws TaskInvalidOptionError for unknown options and invalid values
 */
export function declaredOptions(
  options: DeclaredTaskOptions,
  where: string,
): DeclaredTaskOptions {
  const checks = {
    ...DECLARED_CHECKS,
    schema: aSchema,
    keepResult: anAge,
    interceptors,
  };
  const checked: DeclaredTaskOptions = checkOptions(
    options,
    checks,
    `The task options in \`${where}\``,
  );
  if (checked.keepResult !== undefined && !checked.durable) {
    throw new TaskInvalidOptionError(
      `The task options in \`${where}\` have a \`keepResult\`, which is for durable tasks, as a store keeps it. Add \`durable: true\`, or omit it.`,
    );
  }
  return checked;
}

/**
 * The options of a declaration that may recur, read once.
 *
 * @throws TaskInvalidOptionError for unknown options and invalid values
 */
export function recurringOptions(
  options: DeclaredTaskOptions | RecurringTaskOptions,
  where: string,
): DeclaredTaskOptions | RecurringTaskOptions {
  const { repeat, ...others } = Object(options) as RecurringTaskOptions;
  if (repeat === undefined) return declaredOptions(options, where);
  const read = declaredOptions(others, where);
  const checked = checkOptions(
    { repeat },
    { repeat: aRepeat },
    `The task options in \`${where}\``,
  ) as Pick<RecurringTaskOptions, 'repeat'>;
  if (!read.durable) {
    throw new TaskInvalidOptionError(
      '`repeat` is for durable tasks, as the engine keeps the schedule. Add `durable: true`.',
    );
  }
  if (read.delay !== undefined) {
    throw new TaskInvalidOptionError(
      '`delay` must not be set with `repeat`, which says when the task starts. Leave it out.',
    );
  }
  return { ...read, ...checked, durable: true };
}
