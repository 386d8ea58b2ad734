import { randomUUID } from 'node:crypto';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { AppTasks, type Tasks } from 'nestjs-tasks';
import { environment, type Environment } from '../environment.js';
import { BatchFallback } from './batch-fallback.js';
import { BatchTasks } from './batch-tasks.js';
import { OpenBatches, type EventBatch } from './event-batch.js';
import { EventBuffer } from './event-buffer.js';
import type { TrackEvent } from './track-event.js';

/** Buffers events and schedules a task for each batch. */
@Injectable()
export class TrackingService implements OnModuleDestroy, OnApplicationShutdown {
  readonly #buffer = new EventBuffer();
  readonly #logger = new Logger('Analytics');
  #isClosing = false;

  constructor(
    @Inject(environment.KEY)
    private readonly config: Environment,
    private readonly appTasks: AppTasks,
    private readonly fallback: BatchFallback,
    private readonly open: OpenBatches,
  ) {}

  /** Buffers an event and returns its id. The request that completes a batch schedules its task. */
  track(event: TrackEvent, tasks: Pick<Tasks, 'task'>): string {
    const eventId = randomUUID();
    const timestamp = new Date().toISOString();
    const batch = this.#buffer.add({ ...event, eventId, timestamp });
    if (batch) this.#send(batch, tasks);
    if (this.#isClosing) this.flush();
    return eventId;
  }

  /** Sends all buffered events, as tasks of no request. */
  flush(): void {
    for (const batch of this.#buffer.takeAll()) {
      this.#send(batch, this.appTasks);
    }
  }

  /**
   * Between the two drains of the tasks. The second one, after the server has closed,
   * includes the tasks of this flush and of open requests, whose events are sent at once.
   */
  onModuleDestroy(): void {
    this.#isClosing = true;
    this.flush();
  }

  /**
   * After the second drain: saves the batches whose tasks did not finish within the grace
   * period. The database closes after the modules that import it.
   */
  async onApplicationShutdown(): Promise<void> {
    const error = new Error('the application had to shut down');
    const saves = [...this.open.values()].map((batch) =>
      this.fallback.save(batch, error),
    );
    for (const save of await Promise.allSettled(saves)) {
      if (save.status === 'rejected') this.#logger.error(save.reason);
    }
  }

  #send(batch: EventBatch, tasks: Pick<Tasks, 'task'>): void {
    this.open.set(batch.id, batch);
    tasks
      .task({
        name: `analytics_batch_${batch.events.length}_events`,
        timeout: this.config.REQUEST_TIMEOUT_MS,
      })
      .of(BatchTasks)
      .send(batch);
  }
}
