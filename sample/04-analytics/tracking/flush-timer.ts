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
 * Sends what would otherwise wait for a tenth event that never comes, and what waits
 * in the database. `@nestjs/schedule` stops it when the application shuts down.
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

  // Not `@Interval()`, which has to know the interval when the class is declared.
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
