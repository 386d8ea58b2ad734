import { AssertionError } from 'node:assert';

/** Makes the error of a test that fails; its stack begins at the call in the test. */
export type MakeFailure = (message: string, cause?: unknown) => AssertionError;

/**
 * To be called in the method that the test calls: what comes to light later, in a
 * timer or an event, would not lead back to the test.
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
