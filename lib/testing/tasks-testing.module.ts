import {
  Inject,
  Injectable,
  Module,
  type DynamicModule,
  type OnModuleInit,
} from '@nestjs/common';
import { checkOptions, oneOf } from '../core/check-options.js';
import { TaskError } from '../core/errors.js';
import { TasksHost } from '../nest/tasks-host.js';
import { TASKS_MODE, type TasksMode } from '../nest/tasks.tokens.js';
import { ManualMode } from './manual-mode.js';

/**
 * How tasks are run in a test.
 *
 * @publicApi
 */
export interface TasksTestingModuleOptions {
  /**
   * `manual`: nothing runs until `TasksTester.drain()`, and no response waits for a
   * task. `inline`: the response waits for every task of its unit of work, those of
   * `afterResponse` included, which run right after those of `afterRoute`.
   */
  mode: 'manual' | 'inline';
}

const MODES: Readonly<
  Record<TasksTestingModuleOptions['mode'], () => TasksMode>
> = {
  manual: () => new ManualMode(),
  inline: () => ({ awaited: 'everything' }),
};

/** Lets the bootstrap fail when the testing module stands in for nothing. */
@Injectable()
class StandInCheck implements OnModuleInit {
  readonly #host: TasksHost;

  constructor(@Inject(TasksHost) host: TasksHost) {
    this.#host = host;
  }

  onModuleInit(): void {
    if (this.#host.hosted) return;
    throw new TaskError(
      'TASKS_MODULE_MISSING',
      'TasksTestingModule is imported, but stands in for nothing. Leave TasksModule.forRoot() in the imports of the application, and ' +
        "call .overrideModule(TasksModule).useModule(TasksTestingModule.forRoot({ mode: 'manual' })) on the testing module.",
    );
  }
}

/**
 * Stands in for `TasksModule` in a test. The options that the application gives to
 * `TasksModule` stay in force.
 *
 * @example
 * ```ts
 * const module = await Test.createTestingModule({ imports: [AppModule] })
 *   .overrideModule(TasksModule)
 *   .useModule(TasksTestingModule.forRoot({ mode: 'manual' }))
 *   .compile();
 * ```
 *
 * @publicApi
 */
@Module({ providers: [TasksHost, StandInCheck], exports: [TasksHost] })
export class TasksTestingModule {
  /**
   * The module that runs tasks in this mode.
   *
   * @throws TaskInvalidOptionError for an unknown mode
   */
  static forRoot(options: TasksTestingModuleOptions): DynamicModule {
    const aMode = oneOf(...Object.keys(MODES));
    checkOptions(
      options,
      { mode: aMode },
      'The options of TasksTestingModule.forRoot()',
    );
    aMode(options.mode, 'mode');
    return {
      module: TasksTestingModule,
      providers: [{ provide: TASKS_MODE, useFactory: MODES[options.mode] }],
    };
  }
}
