import { types } from 'node:util';
import { describe, quoted } from './describe.js';
import { TaskFailedError } from './errors.js';

/**
 * What a task threw, as an `Error`: itself when it is one, else a
 * {@link TaskFailedError} that keeps it as `cause`.
 */
export function toError(thrown: unknown, taskName: string): Error {
  if (isError(thrown)) return thrown;
  return new TaskFailedError(
    `Task ${quoted(taskName)} failed with ${describe(thrown)}, which is not an Error.`,
    { cause: thrown },
  );
}

/**
 * A copy of an error that is plain data: `name`, `message` and `stack` are strings,
 * whatever the original has there, so that it can be stored. Never throws.
 */
export function plainError(error: Error): Error {
  const plain = new Error(messageOf(error));
  plain.name = textOf(() => error.name) || 'Error';
  plain.stack =
    textOf(() => error.stack) ||
    (plain.message ? `${plain.name}: ${plain.message}` : plain.name);
  return plain;
}

function textOf(read: () => unknown): string {
  try {
    const text = read();
    return typeof text === 'string' ? text : '';
  } catch {
    return '';
  }
}

/** An error's message, or what can be said when it cannot be read. Never throws. */
export function messageOf(error: unknown): string {
  try {
    if (!isError(error)) return describe(error);
    const { message }: { message: unknown } = error;
    return String(message);
  } catch {
    return 'an error whose message cannot be read';
  }
}

/** Whether `value` is an error, of any realm. Never throws. */
export function isError(value: unknown): value is Error {
  try {
    return (
      value instanceof Error ||
      types.isNativeError(value) ||
      // An aborted fetch rejects with a DOMException, which under Jest is of another realm.
      Object.prototype.toString.call(value) === '[object DOMException]'
    );
  } catch {
    // A Proxy can throw from `instanceof`.
    return false;
  }
}
