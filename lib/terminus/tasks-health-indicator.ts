import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import {
  HealthIndicatorService,
  type HealthIndicatorResult,
} from '@nestjs/terminus';
import { Deadline } from '../core/base/deadline.js';
import { TasksModuleMissingError } from '../core/base/errors.js';
import { TasksHost, type HostedTasks } from '../nest/module/tasks-host.js';
import {
  healthLimits,
  type TasksHealthOptions,
} from './tasks-health-options.js';

/**
 * Whether the tasks of the application are healthy: few enough wait, none for too long,
 * and the store of durable tasks answers. Add it to the providers of a module that imports
 * `TerminusModule`.
 *
 * @example
 * ```ts
 * @Controller('health')
 * class HealthController {
 *   constructor(
 *     private readonly health: HealthCheckService,
 *     private readonly tasks: TasksHealthIndicator,
 *   ) {}
 *
 *   @Get()
 *   @HealthCheck()
 *   check() {
 *     return this.health.check([
 *       () => this.tasks.isHealthy('tasks', { maxWaiting: 1_000, maxOldest: '1m' }),
 *     ]);
 *   }
 * }
 * ```
 *
 * @publicApi
 */
@Injectable()
export class TasksHealthIndicator {
  readonly #indicators: HealthIndicatorService;
  readonly #moduleRef: ModuleRef;

  constructor(
    @Inject(HealthIndicatorService) indicators: HealthIndicatorService,
    @Inject(ModuleRef) moduleRef: ModuleRef,
  ) {
    this.#indicators = indicators;
    this.#moduleRef = moduleRef;
  }

  /**
   * The result with that key: how many tasks there are and, in an application with an
   * engine, whether its store answers. Takes no longer than `timeout`.
   *
   * @throws (rejects with) TaskInvalidOptionError for options that cannot be used
   */
  async isHealthy<const Key extends string>(
    key: Key,
    options: TasksHealthOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    const limits = healthLimits(options);
    const { runtime, engine } = this.#hosted();
    const store =
      engine &&
      ((await engine.answers(new Deadline(limits.timeoutMs))) ? 'up' : 'down');
    const { scheduled, running } = runtime.stats;
    const { size: waiting, oldestMs } = runtime.runner.backlog;
    const problems = [
      waiting > limits.maxWaiting &&
        `${waiting} tasks wait for a slot (maxWaiting: ${limits.maxWaiting})`,
      oldestMs > limits.maxOldestMs &&
        `a task has waited for ${Math.round(oldestMs)} ms (maxOldest: ${limits.maxOldestMs} ms)`,
      store === 'down' && limits.isStoreRequired && `the store does not answer`,
    ].filter((problem) => problem !== false);
    const data = { scheduled, waiting, running, ...(store && { store }) };
    const indicator = this.#indicators.check(key);
    return problems.length === 0
      ? indicator.up(data)
      : indicator.down({ ...data, message: problems.join('; ') });
  }

  #hosted(): HostedTasks {
    const { hosted } = this.#moduleRef.get(TasksHost, { strict: false });
    if (!hosted) throw new TasksModuleMissingError();
    return hosted;
  }
}
