import { excerpt } from '../core/base/describe.js';
import { plainError } from '../core/base/to-error.js';

/** The most characters of a message and of a stack that a store is given. */
const MOST_CHARACTERS = 10_000;

/** A copy of what a task threw, for a store: plain data, of limited length. */
export function storedError(thrown: Error): Error {
  const { name, message, stack = '' } = plainError(thrown);
  const error = new Error(excerpt(message, MOST_CHARACTERS));
  error.name = excerpt(name);
  // A stack begins with the message, and its frames are worth more than the rest of that.
  error.stack = excerpt(
    stack.replace(message, () => error.message),
    2 * MOST_CHARACTERS,
  );
  return error;
}
