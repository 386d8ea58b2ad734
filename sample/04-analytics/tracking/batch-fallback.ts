import { Injectable, Logger } from '@nestjs/common';
import type { Task, TaskErrorReporter } from 'nestjs-tasks';
import { AlertsService } from './alerts.service.js';
import { OpenBatches, type EventBatch } from './event-batch.js';
import { SavedBatches } from './saved-batches.js';

/** The error handler of a batch that the service did not accept. */
@Injectable()
export class BatchFallback implements TaskErrorReporter {
  readonly #logger = new Logger('Analytics');

  constructor(
    private readonly saved: SavedBatches,
    private readonly open: OpenBatches,
    private readonly alerts: AlertsService,
  ) {}

  async handle(task: Task, error: Error): Promise<void> {
    const [batch] = task.args as [EventBatch];
    await this.save(batch, error);
  }

  /** Saves the batch in the database. If that fails too, the batch is lost and an alert is sent. */
  async save(batch: EventBatch, error: Error): Promise<void> {
    const count = batch.events.length;
    try {
      await this.saved.save(batch);
      this.#logger.warn(`Saved ${count} events to DB: ${error.message}`);
    } catch (fallbackError) {
      await this.alerts.send(
        `Analytics pipeline failed completely: ${error.message}\n` +
          `Fallback also failed: ${(fallbackError as Error).message}\n` +
          `Lost ${count} events`,
      );
    } finally {
      this.open.delete(batch.id);
    }
  }
}
