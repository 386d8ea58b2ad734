import { inspect } from 'node:util';
import { toMilliseconds, type Duration } from './duration.js';
import { TaskInvalidOptionError } from './errors.js';

/** Checks one value; `option` is its name for the error. */
export type OptionCheck = (value: unknown, option: string) => void;

/**
 * Refuses what is no object, unknown keys, and values that their check refuses.
 * A key that is `undefined` counts as not given.
 *
 * @throws TaskInvalidOptionError
 */
export function checkOptions(
  options: unknown,
  checks: Readonly<Record<string, OptionCheck>>,
  what: string,
): void {
  if (
    typeof options !== 'object' ||
    options === null ||
    Array.isArray(options)
  ) {
    throw new TaskInvalidOptionError(
      `${what} must be an object, but they are ${describe(options)}.`,
    );
  }
  for (const [key, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (!check) {
      throw new TaskInvalidOptionError(
        `${what} have no \`${key}\`. Known are: ${Object.keys(checks).join(', ')}.`,
      );
    }
    if (value !== undefined) check(value, key);
  }
}

export const aBoolean = ofType('boolean', 'true or false');
export const aString = ofType('string', 'a string');
export const aFunction = ofType('function', 'a function');

export const aDuration: OptionCheck = (value, option) => {
  toMilliseconds(value as Duration, option);
};

/** A whole number that is not below `least`. */
export function aCount(least: number): OptionCheck {
  return (value, option) => {
    if (!Number.isSafeInteger(value) || (value as number) < least) {
      refuse(option, `a whole number from ${least} on`, value);
    }
  };
}

export function aNumber(least: number, most: number): OptionCheck {
  return (value, option) => {
    if (typeof value !== 'number' || !(value >= least && value <= most)) {
      refuse(
        option,
        most === Infinity
          ? `a number from ${least} on`
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
    if (typeof handler !== 'function' || isClassWithoutHandle(handler)) {
      refuse(
        option,
        'a function, a class with a `handle(task, error)` method, or a list of them',
        handler,
      );
    }
  }
};

/** Called as a function it would throw, at the first failure. */
function isClassWithoutHandle(value: CallableFunction): boolean {
  const { handle } = Object(value.prototype) as { handle?: unknown };
  const source = Function.prototype.toString.call(value);
  return typeof handle !== 'function' && /^class\b/.test(source);
}

export function refuse(option: string, wanted: string, value: unknown): never {
  throw new TaskInvalidOptionError(
    `\`${option}\` must be ${wanted}, but it is ${describe(value)}.`,
  );
}

function ofType(type: string, wanted: string): OptionCheck {
  return (value, option) => {
    if (typeof value !== type) refuse(option, wanted, value);
  };
}

export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return `'${value}'`;
    case 'object':
      return 'an object';
    case 'function':
      return 'a function';
    default:
      return inspect(value);
  }
}
