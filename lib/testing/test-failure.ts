import { AssertionError } from 'node:assert';

/** Creates the error of a failed test, whose stack begins at the call in the test. */
export type MakeFailure = (message: string, cause?: unknown) => AssertionError;

/**
 * Must be called synchronously in the method that the test calls: the stack of a later
 * timer or event would not lead back to the test.
 */
export function failuresOf(method: CallableFunction): MakeFailure {
  const call = new Error();
  Error.captureStackTrace(call, method);
  return (message, cause) => {
    const failure = new AssertionError({ message, operator: 'fail' });
    if (cause !== undefined) {
      Object.defineProperty(failure, 'cause', { value: cause, writable: true });
    }
    const { stack = '' } = call;
    const frames = stack.indexOf('\n    at ');
    const head = `${failure.name} [${failure.code}]: ${message}`;
    failure.stack = frames < 0 ? head : head + stack.slice(frames);
    return failure;
  };
}
