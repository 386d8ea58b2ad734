import type { OpenBoss } from './open-boss.js';
import { FOR_EVER_S, type PgBossSettings } from './pg-boss-settings.js';

/** Creates queues in the database, each once in the life of an engine. */
export class QueueCreation {
  readonly #settings: PgBossSettings;
  readonly #pending = new Map<string, Promise<void>>();
  readonly #created = new Set<string>();

  constructor(settings: PgBossSettings) {
    this.#settings = settings;
  }

  has(queue: string): boolean {
    return this.#created.has(queue);
  }

  /** Resolves when the queue exists. After a failure, the next call tries again. */
  async ensure(open: OpenBoss, queue: string): Promise<void> {
    if (this.#created.has(queue)) return;
    let pending = this.#pending.get(queue);
    if (!pending) {
      pending = this.#create(open, queue);
      this.#pending.set(queue, pending);
    }
    try {
      await pending;
      this.#created.add(queue);
    } finally {
      this.#pending.delete(queue);
    }
  }

  async #create({ upkeep }: OpenBoss, queue: string): Promise<void> {
    const { notify, keptS } = this.#settings;
    await upkeep.createQueue(queue, {
      // Of jobs that others put there, and of those that leave a dead letter queue.
      retryLimit: 0,
      retentionSeconds: FOR_EVER_S,
      deleteAfterSeconds: keptS,
      notify,
    });
    const known = await upkeep.getQueue(queue);
    if (notify && !known?.notify) await upkeep.updateQueue(queue, { notify });
  }
}
