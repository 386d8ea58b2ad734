import type { EngineHost } from '../durable/durable-engine.js';
import type { OpenBoss } from './open-boss.js';
import { storeError } from './store-error.js';

/** Listens on one connection for new jobs in any queue, where the database can announce them. */
export class Notifications {
  readonly #log: EngineHost['log'];
  #subscription: { close(): Promise<void> } | undefined;
  #isStopped = false;

  constructor(log: EngineHost['log']) {
    this.#log = log;
  }

  /** @param wake called with the queue that has jobs, or without one if all of them may have */
  async listen(
    { upkeep }: OpenBoss,
    channel: string,
    wake: (queue?: string) => void,
  ): Promise<void> {
    try {
      const subscription = await upkeep.getDb().listen?.(
        channel,
        (queue) => wake(queue),
        () => wake(),
      );
      if (this.#isStopped) await subscription?.close();
      else this.#subscription = subscription;
    } catch (error) {
      this.#log.warn(
        `pg-boss: notifications are not available, so the worker polls for jobs every \`worker.pollInterval\`: ${storeError(error).message}`,
      );
    }
  }

  stop(): void {
    this.#isStopped = true;
    // Not awaited, as the database may be frozen.
    this.#subscription?.close().catch(() => {});
  }
}
