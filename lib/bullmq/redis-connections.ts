import {
  Redis,
  type Cluster,
  type ClusterOptions,
  type RedisOptions,
} from 'ioredis';
import {
  isCluster,
  isInstance,
  type BullmqConnection,
  type RedisClient,
} from './bullmq-connection.js';
import type { Outage } from './outage.js';
import { permitMissingInfo } from './permitted-info.js';
import { isMissingDatabase, isWrongServer } from './redis-error.js';

const LONGEST_PAUSE_MS = 1_000;

/** How long closing a connection waits for the server. */
const DISCONNECT_MS = 200;

/** How a connection treats commands that cannot be sent, or are not answered. */
export type CommandPolicy = Pick<
  RedisOptions,
  | 'enableOfflineQueue'
  | 'autoResendUnfulfilledCommands'
  | 'maxRetriesPerRequest'
>;

/** What would change the meaning of commands, or end those that BullMQ lets wait. */
const NOT_FROM_THE_CALLER = {
  // The only mapping of replies that BullMQ understands.
  replyMapping: 'legacy',
  stringNumbers: false,
  commandTimeout: undefined,
  blockingTimeout: undefined,
  socketTimeout: undefined,
  enableAutoPipelining: false,
  readOnly: false,
  monitor: false,
  enableReadyCheck: true,
  lazyConnect: false,
  disconnectTimeout: DISCONNECT_MS,
} as const satisfies RedisOptions & { disconnectTimeout: number };

type GivenStrategy =
  ((times: number, reason?: Error) => number | void | null) | null | undefined;

/** The connections of one life of the engine: they reconnect until they are ended. */
export class RedisConnections {
  readonly #connection: BullmqConnection;
  readonly #outage: Outage;
  readonly #clients: RedisClient[] = [];

  constructor(connection: BullmqConnection, outage: Outage) {
    this.#connection = connection;
    this.#outage = outage;
  }

  open(policy: CommandPolicy): RedisClient {
    return isCluster(this.#connection)
      ? this.#openCluster(this.#connection, policy)
      : this.#openRedis(this.#connection, policy);
  }

  /** Ends all, those included that BullMQ has duplicated. */
  end(): void {
    for (const client of this.#clients.splice(0)) {
      if (client.status !== 'end') client.disconnect();
    }
  }

  #openRedis(
    connection: Exclude<BullmqConnection, Cluster>,
    policy: CommandPolicy,
    override: RedisOptions = {},
  ): Redis {
    const given: RedisOptions = isInstance(connection)
      ? connection.options
      : connection;
    const pauses = new Pauses(given.retryStrategy);
    const own = {
      ...override,
      ...NOT_FROM_THE_CALLER,
      ...policy,
      retryStrategy: (times: number) => pauses.next(times),
      reconnectOnError: (error: Error): boolean | 1 | 2 => {
        // A failover has made it a replica: the name may lead to the new primary.
        if (!isWrongServer(error))
          return given.reconnectOnError?.(error) ?? false;
        pauses.lengthenNext();
        this.#outage.failed(client, error);
        return 2;
      },
    };
    const { url, ...options } = connection as RedisOptions & { url?: string };
    let client: Redis;
    if (isInstance(connection)) client = connection.duplicate(own);
    else if (url === undefined) client = new Redis({ ...options, ...own });
    else client = new Redis(url, { ...options, ...own });
    this.#adopt(client);
    client.on('error', (error: Error) => {
      // ioredis would go on with database 0.
      if (isMissingDatabase(error)) client.disconnect(true);
    });
    // BullMQ makes the connection on which it waits for jobs from the other.
    client.duplicate = (more) => this.#openRedis(connection, policy, more);
    permitMissingInfo(client, (info) => {
      if (!/^role:slave/m.test(info)) return true;
      this.#outage.failed(client, new Error('it is a replica'));
      client.disconnect(true);
      return false;
    });
    return client;
  }

  #openCluster(
    connection: Cluster,
    policy: CommandPolicy,
    override: RedisOptions = {},
  ): Cluster {
    const { options } = connection;
    const pauses = new Pauses(options.clusterRetryStrategy);
    const { enableOfflineQueue, ...commands } = policy;
    const own: ClusterOptions = {
      enableOfflineQueue,
      clusterRetryStrategy: (times, reason) => pauses.next(times, reason),
      enableAutoPipelining: false,
      // A replica may not have yet what was written.
      scaleReads: 'master',
      lazyConnect: false,
      redisOptions: {
        ...options.redisOptions,
        ...override,
        ...NOT_FROM_THE_CALLER,
        ...commands,
      },
    };
    const client = connection.duplicate([], own as never);
    this.#adopt(client);
    client.duplicate = (_nodes, more) =>
      this.#openCluster(connection, policy, more?.redisOptions);
    permitMissingInfo(client, () => true);
    return client;
  }

  #adopt(client: RedisClient): void {
    this.#clients.push(client);
    this.#outage.watch(client);
  }
}

/**
 * Keeps the caller's pauses between attempts to connect, but never gives up: the engine
 * would take no more jobs for the rest of the process.
 */
class Pauses {
  readonly #given: GivenStrategy;
  #isNextLong = false;

  constructor(given: GivenStrategy) {
    this.#given = given;
  }

  /** The connection itself works, so that ioredis would count from 1 each time. */
  lengthenNext(): void {
    this.#isNextLong = true;
  }

  next(times: number, reason?: Error): number {
    if (this.#isNextLong) {
      this.#isNextLong = false;
      return LONGEST_PAUSE_MS;
    }
    const pauseMs = this.#given?.(times, reason);
    return typeof pauseMs === 'number'
      ? pauseMs
      : Math.min(times * 100, LONGEST_PAUSE_MS);
  }
}
