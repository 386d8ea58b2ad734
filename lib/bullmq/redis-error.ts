import { messageOf } from '../core/base/to-error.js';

/** What Redis says to a client that speaks to the wrong server. */
const WRONG_SERVER = /READONLY|^UNBLOCKED/;

/** What follows from a lost connection, or from a server that takes no writes. */
const LOSS =
  /Connection is closed|ECONNREFUSED|Command aborted due to connection close|enableOfflineQueue|READONLY|^UNBLOCKED/;

/** Whether a reconnect may lead to the right server, as after a failover. */
export function isWrongServer(error: Error): boolean {
  return WRONG_SERVER.test(messageOf(error));
}

export function isConnectionLoss(error: Error): boolean {
  return (
    error.name === 'MaxRetriesPerRequestError' || LOSS.test(messageOf(error))
  );
}

/** What no waiting helps against: the server has fewer databases. */
export function isMissingDatabase(error: Error): boolean {
  return /DB index is out of range|invalid DB index/.test(messageOf(error));
}

/** Whether ioredis neither sent the command nor kept it to be sent later. */
export function isUnsent(error: unknown): boolean {
  return messageOf(error).includes('enableOfflineQueue');
}

/**
 * What went wrong, without what was sent: errors of ioredis have the arguments of the
 * command in their fields, which are the data of a job or a password, and Redis quotes
 * those of a command that it does not know.
 */
export function withoutArguments(error: unknown): Error {
  const safe = new Error(describeError(error));
  if (!(error instanceof Error)) return safe;
  safe.name = error.name;
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined) Object.assign(safe, { code });
  // Its first line is the message.
  const frames = error.stack?.indexOf('\n    at ') ?? -1;
  if (frames >= 0) {
    safe.stack = `${safe.name}: ${safe.message}${error.stack?.slice(frames)}`;
  }
  return safe;
}

/** The error code when there is no message, as when several addresses refused. */
export function describeError(error: unknown): string {
  const { code, name, previousErrors } = Object(error) as {
    code?: string;
    name?: string;
    previousErrors?: unknown;
  };
  // Why a transaction was aborted.
  if (Array.isArray(previousErrors) && previousErrors.length > 0) {
    return describeError(previousErrors[0]);
  }
  const message = messageOf(error).replace(
    /,? with args beginning with:.*/s,
    '',
  );
  return message || (code ?? name ?? 'unknown error');
}

/** Nothing was sent, so that nothing can have happened. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError';
}
