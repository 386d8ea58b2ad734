import { messageOf } from '../core/base/to-error.js';
import type { EngineHost } from '../durable/durable-engine.js';
import type { RedisClient } from './bullmq-connection.js';
import {
  describeError,
  isConnectionLoss,
  NotSentError,
  withoutArguments,
} from './redis-error.js';

/** A bound is needed, as some messages name a job. */
const MOST_REMEMBERED_STATES = 1_000;

/**
 * Logs once when Redis becomes unreachable and once when it is back, regardless of how
 * many connections notice and how often they retry.
 */
export class Outage {
  #log: EngineHost['log'] | undefined;
  readonly #down = new Set<RedisClient>();
  /** Connection errors, which BullMQ emits a second time. */
  readonly #connectionErrors = new WeakSet<Error>();
  readonly #loggedStates = new Set<string>();
  #sinceMs = 0;
  #isLogged = false;

  set log(log: EngineHost['log']) {
    this.#log = log;
  }

  watch(client: RedisClient): void {
    let nodeError: Error | undefined;
    client.on('error', (error: Error) => this.failed(client, error));
    client.on('ready', () => this.recovered(client));
    client.on('end', () => this.#down.delete(client));
    // A cluster is lost when no node is left, and says of the nodes alone why.
    client.on('node error', (error: Error) => (nodeError = error));
    client.on('close', () => {
      if (nodeError) this.failed(client, nodeError);
    });
  }

  /** Logs any other error of BullMQ, each once between two outages. */
  report(error: Error): void {
    if (this.#connectionErrors.has(error) || isConnectionLoss(error)) return;
    // It repeats what its connection has reported.
    if (error instanceof NotSentError) return;
    const safe = withoutArguments(error);
    const message = messageOf(safe);
    // Such as NOPERM, which is the same state whatever the command was.
    const state = /^(?!ERR )[A-Z]{3,} /.exec(message)?.[0] ?? message;
    if (this.#loggedStates.has(state)) return;
    if (this.#loggedStates.size === MOST_REMEMBERED_STATES)
      this.#loggedStates.clear();
    this.#loggedStates.add(state);
    this.#log?.error(`The engine "bullmq" reported an error: ${message}`, safe);
  }

  failed(client: RedisClient, error: Error): void {
    this.#connectionErrors.add(error);
    if (this.#down.size === 0) this.#sinceMs = performance.now();
    this.#down.add(client);
    if (this.#isLogged || !this.#log) return;
    this.#isLogged = true;
    this.#log.error(
      `Redis cannot be reached: ${describeError(error)}. The engine "bullmq" keeps trying to reconnect; this is logged once per outage.`,
      withoutArguments(error),
    );
  }

  recovered(client: RedisClient): void {
    if (!this.#down.delete(client) || this.#down.size > 0) return;
    this.#loggedStates.clear();
    if (!this.#isLogged) return;
    this.#isLogged = false;
    const seconds = ((performance.now() - this.#sinceMs) / 1_000).toFixed(1);
    this.#log?.warn(`Redis can be reached again after ${seconds} s.`);
  }
}
