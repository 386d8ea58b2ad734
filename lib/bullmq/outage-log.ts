import type { Redis } from 'ioredis';
import { messageOf } from '../core/to-error.js';
import type { EngineHost } from '../engine/durable-engine.js';

/** How many messages are remembered, as some name a job. */
const MOST_WRITTEN = 1_000;

/**
 * Says once that Redis cannot be reached, and once that it can be again, however many
 * connections find out, and however often they try.
 */
export class OutageLog {
  #log: EngineHost['log'] | undefined;
  readonly #down = new Set<Redis>();
  /** Errors of connections, which BullMQ passes on; and messages that were written. */
  readonly #known = new WeakSet<Error>();
  readonly #written = new Set<string>();
  #sinceMs = 0;
  #isTold = false;

  writeTo(log: EngineHost['log']): void {
    this.#log = log;
  }

  watch(client: Redis): void {
    client.on('error', (error: Error) => this.#failed(client, error));
    client.on('ready', () => this.#isReady(client));
    client.on('end', () => this.#down.delete(client));
  }

  /** Any other error of BullMQ: written once, until Redis was down and is back. */
  report(error: Error): void {
    if (this.#known.has(error) || this.#isOfConnection(error)) return;
    const message = messageOf(error);
    if (this.#written.has(message)) return;
    if (this.#written.size === MOST_WRITTEN) this.#written.clear();
    this.#written.add(message);
    this.#log?.error(`The engine "bullmq" met an error: ${message}`, error);
  }

  #failed(client: Redis, error: Error): void {
    this.#known.add(error);
    if (this.#down.size === 0) this.#sinceMs = performance.now();
    this.#down.add(client);
    if (this.#isTold || !this.#log) return;
    this.#isTold = true;
    this.#log.error(
      `Redis cannot be reached: ${describeError(error)}. The engine "bullmq" goes on trying; this is said once.`,
      error,
    );
  }

  #isReady(client: Redis): void {
    if (!this.#down.delete(client) || this.#down.size > 0) return;
    this.#written.clear();
    if (!this.#isTold) return;
    this.#isTold = false;
    const seconds = ((performance.now() - this.#sinceMs) / 1_000).toFixed(1);
    this.#log?.warn(`Redis can be reached again, after ${seconds} s.`);
  }

  /** What follows from an outage that is told of anyway. */
  #isOfConnection({ message }: Error): boolean {
    return (
      message === 'Connection is closed.' || message.includes('ECONNREFUSED')
    );
  }
}

/** Of several addresses that refused there is a code, and no message. */
export function describeError(error: NodeJS.ErrnoException): string {
  return messageOf(error) || (error.code ?? error.name);
}
