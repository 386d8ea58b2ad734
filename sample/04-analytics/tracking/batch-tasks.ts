import { Injectable } from '@nestjs/common';
import { currentTask, Task } from 'nestjs-tasks';
import { AnalyticsClient } from './analytics-client.js';
import { BatchFallback } from './batch-fallback.js';
import type { EventBatch } from './event-batch.js';
import { OpenBatches } from './open-batches.js';
import { SavedBatches } from './saved-batches.js';

const REQUEST_TIMEOUT_MS = 2_000;

@Injectable()
export class BatchTasks {
  #isResending = false;

  constructor(
    private readonly analytics: AnalyticsClient,
    private readonly saved: SavedBatches,
    private readonly open: OpenBatches,
  ) {}

  /**
   * Sends a batch that nobody else has. Shielded: a shutdown waits for it. Its three
   * attempts and the pauses fit into the grace period (10 s), with time to spare for
   * the error handler: when the grace period is over, it is not told any more.
   */
  @Task('analytics.send', {
    shield: true,
    timeout: REQUEST_TIMEOUT_MS,
    retries: 2,
    onError: BatchFallback,
  })
  async send(batch: EventBatch): Promise<void> {
    await this.analytics.post(batch, currentTask().signal);
    this.open.delete(batch.id);
  }

  /**
   * Sends what is in the database, until that is empty or a batch fails. Not shielded,
   * not tried again, without an error handler: the batches stay where they are, for the
   * next time.
   */
  @Task('analytics.resend', { onError: [] })
  async resend(): Promise<void> {
    if (this.#isResending) return;
    this.#isResending = true;
    const { signal } = currentTask();
    try {
      let batch: EventBatch | undefined;
      while (!signal.aborted && (batch = await this.saved.next())) {
        const limit = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
        await this.analytics.post(batch, AbortSignal.any([signal, limit]));
        await this.saved.delete(batch.id);
      }
    } finally {
      this.#isResending = false;
    }
  }
}
