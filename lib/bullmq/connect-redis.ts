import { Redis, type RedisOptions } from 'ioredis';
import type { BullmqConnection } from './bullmq-engine-options.js';

const LONGEST_PAUSE_MS = 1_000;

/** For how long the end of a connection waits for the other side. */
const DISCONNECT_MS = 200;

/** Opens a connection of the engine's own, which goes on trying for ever. */
export function connectRedis(
  connection: BullmqConnection,
  needs: RedisOptions,
): Redis {
  const own = {
    ...needs,
    // The one that BullMQ reads.
    replyMapping: 'legacy' as const,
    lazyConnect: false,
    disconnectTimeout: DISCONNECT_MS,
    retryStrategy: retryStrategyOf(connection),
  };
  if (isInstance(connection)) return connection.duplicate(own);
  const { url, ...given } = connection;
  const options = { ...given, ...own };
  return url === undefined ? new Redis(options) : new Redis(url, options);
}

function isInstance(connection: BullmqConnection): connection is Redis {
  return typeof (connection as Partial<Redis>).duplicate === 'function';
}

/** The caller's pauses; an engine that gave up would take no job for the rest of its life. */
function retryStrategyOf(
  connection: BullmqConnection,
): (times: number) => number {
  const { retryStrategy } = isInstance(connection)
    ? connection.options
    : connection;
  return (times) => {
    const pauseMs = retryStrategy?.(times);
    return typeof pauseMs === 'number'
      ? pauseMs
      : Math.min(times * 100, LONGEST_PAUSE_MS);
  };
}
