import { Injectable } from '@nestjs/common';
import { currentTask } from 'nestjs-tasks';
import { AnalyticsClient } from './analytics-client.js';
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

  readonly send = async (batch: EventBatch): Promise<void> => {
    await this.analytics.post(batch, currentTask().signal);
    this.open.delete(batch.id);
  };

  readonly resend = async (): Promise<void> => {
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
  };
}
