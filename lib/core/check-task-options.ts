import {
  aBoolean,
  aCount,
  aDuration,
  aFunction,
  anErrorHandler,
  aNumber,
  aString,
  checkOptions,
  oneOf,
  refuse,
  type OptionCheck,
} from './check-options.js';
import type { TaskOptions } from './task-options.js';

const BACKOFF_CHECKS = {
  type: oneOf('fixed', 'exponential'),
  delay: aDuration,
  max: aDuration,
  factor: aNumber(0, Infinity),
  jitter: aNumber(0, 1),
} satisfies Record<string, OptionCheck>;

const aBackoff: OptionCheck = (value, option) => {
  if (typeof value === 'function') return;
  checkOptions(value, BACKOFF_CHECKS, `The options of \`${option}\``);
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

const aNonEmptyString: OptionCheck = (value, option) => {
  aString(value, option);
  if (value === '') refuse(option, 'a string that is not empty', value);
};

/** What it may be only the engine knows. */
const anything: OptionCheck = () => {};

/** A schema as of https://standardschema.dev. */
const aSchema: OptionCheck = (value, option) => {
  const { '~standard': standard } = Object(value) as {
    '~standard'?: { validate?: unknown };
  };
  if (typeof standard?.validate !== 'function') {
    refuse(option, 'a Standard Schema, as of zod, valibot or arktype', value);
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
  signal: aSignal,
  required: aBoolean,
  durable: aBoolean,
  key: aNonEmptyString,
  transaction: anything,
} satisfies Record<keyof TaskOptions, OptionCheck>;

const {
  name: _name,
  signal: _signal,
  key: _key,
  transaction: _transaction,
  ...DECLARED_CHECKS
} = CHECKS;
const { durable: _durable, ...DEFAULTS_CHECKS } = DECLARED_CHECKS;

/** @throws TaskInvalidOptionError for what can be no option of a task */
export function checkTaskOptions(options: TaskOptions): void {
  checkOptions(options, CHECKS, 'The options of a task');
}

/** The check for what every task of an application starts from. */
export const taskDefaults: OptionCheck = (value, option) =>
  checkOptions(value, DEFAULTS_CHECKS, `The task options in \`${option}\``);

/** The check for what every task of a declaration starts from. */
export const declaredOptions: OptionCheck = (value, option) =>
  checkOptions(
    value,
    { ...DECLARED_CHECKS, schema: aSchema },
    `The task options in \`${option}\``,
  );
