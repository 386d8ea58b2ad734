import { types } from 'node:util';
import { TaskFailedError } from './errors.js';

/**
 * What a task threw, as an `Error`: itself when it is one (of any realm), else
 * a {@link TaskFailedError} that keeps it as `cause`.
 */
export function toError(thrown: unknown, taskName: string): Error {
  if (isError(thrown)) return thrown;
  return new TaskFailedError(
    `Task "${taskName}" failed with ${describe(thrown)}, which is no Error.`,
    { cause: thrown },
  );
}

/** An error's message, or what can be said when reading it fails. */
export function messageOf(error: unknown): string {
  try {
    if (!isError(error)) return describe(error);
    const { message }: { message: unknown } = error;
    return String(message);
  } catch {
    return 'an error whose message cannot be read';
  }
}

function isError(value: unknown): value is Error {
  try {
    return (
      value instanceof Error ||
      types.isNativeError(value) ||
      // What aborts a fetch is one, and under Jest it is of another realm.
      Object.prototype.toString.call(value) === '[object DOMException]'
    );
  } catch {
    // A Proxy can throw from `instanceof`.
    return false;
  }
}

function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `the string ${JSON.stringify(value.slice(0, 200))}`;
    case 'object':
      return value === null ? 'null' : 'an object';
    case 'function':
      return 'a function';
    case 'undefined':
      return 'undefined';
    default:
      return `the ${typeof value} ${String(value)}`;
  }
}
