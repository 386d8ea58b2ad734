import { Deadline } from '../core/base/deadline.js';
import type { RedisClient } from './bullmq-connection.js';

/** A connection notices within 200 ms that it was ended, and later in a process that is busy. */
const MOST_MS = 1_000;

/**
 * Ends connections that may not be ready, and waits until BullMQ has noticed. BullMQ 5
 * emits why it was never connected, and after it was closed nobody listens to that: it
 * would end the process.
 *
 * @param ready what BullMQ waits for; settled if it has been connected
 */
export async function endConnecting(
  clients: readonly (RedisClient | undefined)[],
  ready: Promise<unknown>,
): Promise<void> {
  const ends = clients.map((client) => client && end(client));
  await new Deadline(MOST_MS).meets(Promise.allSettled([ready, ...ends]));
}

function end(client: RedisClient): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    if (client.status === 'end') resolve();
    else client.once('end', () => resolve());
  });
  client.disconnect();
  return ended;
}
