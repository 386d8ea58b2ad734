import { UnrecoverableError } from 'bullmq';

/** Has BullMQ run a job again after a pause, with the attempt counted. */
export class RetryLaterError extends Error {
  readonly afterMs: number;

  constructor(error: Error, afterMs: number) {
    super(reasonOf(error), { cause: error });
    this.stack = stackOf(error);
    this.afterMs = Math.ceil(afterMs);
  }
}

/** Has BullMQ keep a job as failed, with what its task has thrown. */
export class NeverAgainError extends UnrecoverableError {
  constructor(error: Error) {
    super(reasonOf(error));
    this.stack = stackOf(error);
  }
}

/** With the name: it is kept beside the stack, and some messages alone are orders to BullMQ. */
function reasonOf({ name, message }: Error): string {
  return message ? `${name}: ${message}` : name;
}

function stackOf(error: Error): string {
  const reason = reasonOf(error);
  const { stack = reason } = error;
  return stack.includes(error.name) ? stack : `${reason}\n${stack}`;
}
