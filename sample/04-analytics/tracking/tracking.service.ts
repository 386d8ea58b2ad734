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
import type { EventBatch } from './event-batch.js';
import { EventBuffer } from './event-buffer.js';
import { OpenBatches } from './open-batches.js';
import type { TrackEvent } from './track-event.js';

/** Collects events and hands them to tasks, batch by batch. */
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

  /** Takes an event, and gives it an id. Its batch becomes a task of the request that completes it. */
  track(event: TrackEvent, tasks: Pick<Tasks, 'task'>): string {
    const eventId = randomUUID();
    const timestamp = new Date().toISOString();
    const batch = this.#buffer.add({ ...event, eventId, timestamp });
    if (batch) this.#send(batch, tasks);
    if (this.#isClosing) this.flush();
    return eventId;
  }

  /** Sends all that waits, as tasks of no request. */
  flush(): void {
    for (const batch of this.#buffer.takeAll()) {
      this.#send(batch, this.appTasks);
    }
  }

  /**
   * The first drain of the tasks is over now, and the second one comes when the server
   * has closed: it takes what is scheduled here, and by the requests that are still
   * answered. From now on none of them waits for others.
   */
  onModuleDestroy(): void {
    this.#isClosing = true;
    this.flush();
  }

  /**
   * The second drain is over too, and the database still open: it closes after the
   * modules that import it. What a task could not finish within the grace period goes
   * there.
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
