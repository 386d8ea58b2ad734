import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { AppTasks } from 'nestjs-tasks';
import { environment, type Environment } from '../environment.js';
import { BatchTasks } from './batch-tasks.js';
import { TrackingService } from './tracking.service.js';

/**
 * Sends events that a tenth one may never complete, and the batches in the database.
 * `@nestjs/schedule` stops it when the application shuts down.
 */
@Injectable()
export class FlushTimer implements OnApplicationBootstrap {
  constructor(
    @Inject(environment.KEY)
    private readonly config: Environment,
    private readonly registry: SchedulerRegistry,
    private readonly tracking: TrackingService,
    private readonly tasks: AppTasks,
  ) {}

  // Not `@Interval()`, which takes a constant.
  onApplicationBootstrap(): void {
    this.registry.addInterval(
      'flush',
      setInterval(() => this.tick(), this.config.FLUSH_INTERVAL_MS),
    );
  }

  tick(): void {
    this.tracking.flush();
    this.tasks.of(BatchTasks).resend();
  }
}
