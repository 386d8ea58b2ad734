import { describe } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';

const HOST = '127.0.0.1';
const PORT = 6379;

const canReach = await reaches();
if (!canReach) {
  const what = `No Redis at ${HOST}:${PORT}. Install redis-server and start it`;
  if (process.env['CI']) throw new Error(`${what}.`);
  process.stderr.write(`${what} to run the tests of nestjs-tasks/bullmq.\n`);
}

/** Of tests that need a Redis. */
export const describeWithRedis = canReach ? describe : describe.skip;

/** A corner of the shared Redis that nobody else uses. */
export class RedisSpace {
  readonly connection = { host: HOST, port: PORT };
  readonly prefix = `test-${randomUUID()}`;
  readonly client = new Redis(this.connection);

  /** Forgets what was stored here. */
  async close(): Promise<void> {
    const keys = await this.client.keys(`${this.prefix}*`);
    if (keys.length > 0) await this.client.unlink(keys);
    await this.client.quit();
  }
}

async function reaches(): Promise<boolean> {
  const client = new Redis({
    host: HOST,
    port: PORT,
    lazyConnect: true,
    retryStrategy: () => null,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}
