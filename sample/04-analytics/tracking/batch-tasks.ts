import { Inject, Injectable } from '@nestjs/common';
import { currentTask, Task } from 'nestjs-tasks';
import { environment, type Environment } from '../environment.js';
import { AnalyticsClient } from './analytics-client.js';
import { BatchFallback } from './batch-fallback.js';
import type { EventBatch } from './event-batch.js';
import { OpenBatches } from './open-batches.js';
import { SavedBatches } from './saved-batches.js';

@Injectable()
export class BatchTasks {
  #isResending = false;

  constructor(
    @Inject(environment.KEY)
    private readonly config: Environment,
    private readonly analytics: AnalyticsClient,
    private readonly saved: SavedBatches,
    private readonly open: OpenBatches,
  ) {}

  /** Sends a batch that nobody else has. Shielded: a shutdown waits for it. */
  @Task('analytics.send', {
    shield: true,
    retries: 2,
    onError: BatchFallback,
  })
  async send(batch: EventBatch): Promise<void> {
    await this.analytics.post(batch, currentTask().signal);
    this.open.delete(batch.id);
  }

  /**
   * Sends what is in the database, until that is empty or the service fails. Not
   * shielded, and no failure then: the batches stay where they are, for the next time.
   */
  @Task('analytics.resend')
  async resend(): Promise<void> {
    if (this.#isResending) return;
    this.#isResending = true;
    try {
      let batch = await this.saved.next();
      while (batch && (await this.#isTaken(batch))) {
        await this.saved.delete(batch.id);
        batch = await this.saved.next();
      }
    } finally {
      this.#isResending = false;
    }
  }

  async #isTaken(batch: EventBatch): Promise<boolean> {
    const limit = AbortSignal.timeout(this.config.REQUEST_TIMEOUT_MS);
    const signal = AbortSignal.any([currentTask().signal, limit]);
    return this.analytics.post(batch, signal).then(
      () => true,
      () => false,
    );
  }
}
