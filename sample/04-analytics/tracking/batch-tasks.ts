import { Inject, Injectable } from '@nestjs/common';
import { currentTask, Task } from 'nestjs-tasks';
import { environment, type Environment } from '../environment.js';
import { AnalyticsClient } from './analytics-client.js';
import { BatchFallback } from './batch-fallback.js';
import { OpenBatches, type EventBatch } from './event-batch.js';
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

  /** Sends a batch that exists only in memory. Shielded: a shutdown waits for it. */
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
   * Sends batches from the database until it is empty or the service fails. Neither
   * shielded nor a failure then: the batches stay in the database.
   */
  @Task('analytics.resend')
  async resend(): Promise<void> {
    if (this.#isResending) return;
    this.#isResending = true;
    try {
      let batch = await this.saved.next();
      while (batch && (await this.#isAccepted(batch))) {
        await this.saved.delete(batch.id);
        batch = await this.saved.next();
      }
    } finally {
      this.#isResending = false;
    }
  }

  async #isAccepted(batch: EventBatch): Promise<boolean> {
    const limit = AbortSignal.timeout(this.config.REQUEST_TIMEOUT_MS);
    const signal = AbortSignal.any([currentTask().signal, limit]);
    return this.analytics.post(batch, signal).then(
      () => true,
      () => false,
    );
  }
}
