import { describe } from '../base/describe.js';
import { toMilliseconds, type Duration } from '../base/duration.js';
import { TaskInvalidOptionError } from '../base/errors.js';

/** Checks one value; `option` is its whole path, for the error. */
export type OptionCheck = (value: unknown, option: string) => void;

/** The options that are objects of options themselves. */
const GROUPS = new Set([
  'afterRoute',
  'backoff',
  'defaults',
  'repeat',
  'shutdown',
  'threads',
]);

/**
 * Refuses anything but an object, unknown keys, and values that fail their check. A key
 * that is `undefined` counts as not given.
 *
 * @param path of the options inside other options, such as `'backoff'`
 * @returns a copy of what was checked: a getter may answer differently the next time
 * @throws TaskInvalidOptionError
 */
export function checkOptions(
  options: unknown,
  checks: Readonly<Record<string, OptionCheck>>,
  what: string,
  path?: string,
): Record<string, unknown> {
  if (
    typeof options !== 'object' ||
    options === null ||
    Array.isArray(options)
  ) {
    throw new TaskInvalidOptionError(
      `${what} must be an object, got ${describe(options)}.`,
    );
  }
  const read = readOnce(options);
  for (const [key, value] of Object.entries(read)) {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (!check) {
      throw new TaskInvalidOptionError(
        `${what} have no \`${key}\`. Known options: ${Object.keys(checks).join(', ')}.`,
      );
    }
    if (value !== undefined) check(value, path ? `${path}.${key}` : key);
  }
  return read;
}

/** A copy, with the lists and groups of options in it. */
function readOnce(options: object): Record<string, unknown> {
  const read: Record<string, unknown> = { ...options };
  for (const key of Object.keys(read)) {
    const value = read[key];
    if (Array.isArray(value)) read[key] = [...(value as unknown[])];
    else if (GROUPS.has(key) && typeof value === 'object' && value !== null) {
      read[key] = readOnce(value);
    }
  }
  return read;
}

/** Checks an option that is itself an object of options, each named by its whole path. */
export function optionGroup(
  checks: Readonly<Record<string, OptionCheck>>,
): OptionCheck {
  return (value, option) => {
    checkOptions(value, checks, `The options of \`${option}\``, option);
  };
}

export const aBoolean = ofType('boolean', 'true or false');
export const aString = ofType('string', 'a string');
export const aFunction = ofType('function', 'a function');

export const aDuration: OptionCheck = (value, option) => {
  toMilliseconds(value as Duration, option);
};

/** A duration that no timer waits for, such as an age in a store. */
export const anAge: OptionCheck = (value, option) => {
  toMilliseconds(value as Duration, option, Number.MAX_SAFE_INTEGER);
};

/** A whole number, at least `least`. */
export function aCount(least: number): OptionCheck {
  return (value, option) => {
    if (!Number.isSafeInteger(value) || (value as number) < least) {
      refuse(option, `a whole number of at least ${least}`, value);
    }
  };
}

/** The same, or `Infinity`: no limit. */
export function aLimit(least: number): OptionCheck {
  const check = aCount(least);
  return (value, option) => {
    if (value !== Infinity) check(value, option);
  };
}

export function aNumber(least: number, most: number): OptionCheck {
  return (value, option) => {
    if (typeof value !== 'number' || !(value >= least && value <= most)) {
      refuse(
        option,
        most === Infinity
          ? `a number of at least ${least}`
          : `a number from ${least} to ${most}`,
        value,
      );
    }
  };
}

export function oneOf(...known: readonly string[]): OptionCheck {
  return (value, option) => {
    if (!known.includes(value as string)) {
      refuse(option, known.map((name) => `'${name}'`).join(' or '), value);
    }
  };
}

export const anErrorHandler: OptionCheck = (value, option) => {
  for (const handler of Array.isArray(value) ? value : [value]) {
    if (isFunctionOrClassWith('handle', handler)) continue;
    refuse(
      option,
      'a function, a class with a `handle(task, error)` method, or an array of these',
      handler,
    );
  }
};

export const interceptors: OptionCheck = (value, option) => {
  const wanted =
    'a function, or a class with an `intercept(task, next)` method';
  if (!Array.isArray(value)) refuse(option, 'an array', value);
  for (const interceptor of value as unknown[]) {
    if (isFunctionOrClassWith('intercept', interceptor)) continue;
    refuse(`${option}[]`, wanted, interceptor);
  }
};

/** Called as a function, any other class would throw, but not before its first use. */
function isFunctionOrClassWith(method: string, value: unknown): boolean {
  if (typeof value !== 'function') return false;
  const prototype = Object(value.prototype) as Record<string, unknown>;
  const source = Function.prototype.toString.call(value);
  return typeof prototype[method] === 'function' || !/^class\b/.test(source);
}

/** @throws TaskInvalidOptionError, always */
export function refuse(option: string, wanted: string, value: unknown): never {
  throw new TaskInvalidOptionError(
    `\`${option}\` must be ${wanted}, got ${describe(value)}.`,
  );
}

function ofType(type: string, wanted: string): OptionCheck {
  return (value, option) => {
    if (typeof value !== type) refuse(option, wanted, value);
  };
}
