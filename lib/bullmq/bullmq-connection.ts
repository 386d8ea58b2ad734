import type { Cluster, Redis, RedisOptions } from 'ioredis';
import { refuse } from '../core/options/check-options.js';
import { TaskInvalidOptionError } from '../core/base/errors.js';

/**
 * Where Redis is: options of ioredis, with a `url` if you like, or an instance of its
 * `Redis` or `Cluster`. An instance is only a template: the engine opens connections with
 * its options, and neither uses nor closes the instance itself.
 *
 * Options that would change what the commands of BullMQ do, or when they are given up, do
 * not apply to those connections.
 *
 * @publicApi
 */
export type BullmqConnection =
  | Redis
  | Cluster
  | (RedisOptions & {
      /** Such as `'redis://user:password@host:6379/0'`, or `'rediss://…'` for TLS. */
      url?: string | undefined;
    });

/** A connection of the engine. */
export type RedisClient = Redis | Cluster;

/** What is looked at of a connection that may be anything. */
interface GivenConnection {
  readonly isCluster?: unknown;
  readonly options?: GivenOptions & { readonly redisOptions?: GivenOptions };
}

interface GivenOptions {
  readonly url?: unknown;
  readonly keyPrefix?: unknown;
  readonly role?: unknown;
}

/**
 * Checks the option that says where Redis is.
 *
 * @throws TaskInvalidOptionError
 */
export function aConnection(value: unknown, option: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse(option, 'options of ioredis, or an instance of it', value);
  }
  const { options, isCluster: claimsCluster } = value as GivenConnection;
  if (claimsCluster && !isInstance(value)) {
    refuse(option, 'options of ioredis, or an instance of it', value);
  }
  for (const given of [value as GivenOptions, options, options?.redisOptions]) {
    if (given) checkGiven(given, option);
  }
}

function checkGiven(
  { url, keyPrefix, role }: GivenOptions,
  option: string,
): void {
  if (url !== undefined && !isRedisUrl(url)) {
    // What was given may hold a password, so the message must not quote it.
    throw new TaskInvalidOptionError(
      `\`${option}.url\` must be a URL like 'redis://host:6379'.`,
    );
  }
  if (keyPrefix) {
    throw new TaskInvalidOptionError(
      `\`${option}.keyPrefix\` must not be set, as BullMQ does not support it. Use \`prefix\` instead.`,
    );
  }
  if (role === 'slave') {
    throw new TaskInvalidOptionError(
      `\`${option}.role\` must not be 'slave', as a replica stores nothing. Leave it out.`,
    );
  }
}

function isRedisUrl(url: unknown): boolean {
  return typeof url === 'string' && /^rediss?:/.test(url) && URL.canParse(url);
}

export function isCluster(connection: BullmqConnection): connection is Cluster {
  return (connection as GivenConnection).isCluster === true;
}

export function isInstance(connection: BullmqConnection): connection is Redis {
  return typeof (connection as Partial<Redis>).duplicate === 'function';
}
