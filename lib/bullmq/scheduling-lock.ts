import { randomUUID } from 'node:crypto';
import type { StoreConnection } from './store-connection.js';

/** How long one process may have it. */
const LOCK_MS = 10_000;

const UNLOCK = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

/**
 * Takes the lock for the job schedulers of a queue. Resolves with what ends it; with
 * `undefined` when another process has it.
 */
export async function lockScheduling(
  connection: StoreConnection,
  key: string,
): Promise<(() => Promise<void>) | undefined> {
  const { client } = connection;
  const token = randomUUID();
  const locked = await connection.send(() =>
    client.set(key, token, 'PX', LOCK_MS, 'NX'),
  );
  if (!locked) return undefined;
  return async () => {
    // Otherwise it ends by itself.
    await client.eval(UNLOCK, 1, key, token).catch(() => {});
  };
}
