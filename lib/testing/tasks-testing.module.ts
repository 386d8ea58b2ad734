import {
  Inject,
  Injectable,
  Module,
  type DynamicModule,
  type OnModuleInit,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { TaskError } from '../core/base/task-error.js';
import { checkOptions, oneOf } from '../core/options/check-options.js';
import {
  TASKS_MODE,
  TasksHost,
  type TasksMode,
} from '../nest/module/tasks-host.js';
import { InlineRoute } from './inline-route.js';
import { ManualMode } from './manual-mode.js';

/**
 * How tasks run in a test.
 *
 * @publicApi
 */
export interface TasksTestingModuleOptions {
  /**
   * `manual`: nothing runs until `TasksTester.drain()`, and no response waits for a
   * task. `inline`: the response waits for every task of its scope, including
   * those of `afterResponse`, which run right after those of `afterRoute`.
   */
  mode: 'manual' | 'inline';
}

const MODES: Readonly<
  Record<TasksTestingModuleOptions['mode'], () => TasksMode>
> = {
  manual: () => new ManualMode(),
  inline: () => ({
    afterRoute: { awaited: 'afterRoute', timeoutMs: Infinity },
    Route: InlineRoute,
  }),
};

/** Makes the bootstrap fail when the testing module replaces no `TasksModule`. */
@Injectable()
class StandInCheck implements OnModuleInit {
  readonly #modules: ModulesContainer;
  readonly #mode: TasksMode;

  constructor(
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(TASKS_MODE) mode: TasksMode,
  ) {
    this.#modules = modules;
    this.#mode = mode;
  }

  onModuleInit(): void {
    for (const module of this.#modules.values()) {
      const host: unknown = module.providers.get(TasksHost)?.instance;
      if (host instanceof TasksHost && host.mode === this.#mode) return;
    }
    throw new TaskError(
      'TASKS_MODULE_MISSING',
      'TasksTestingModule is imported, but replaces no TasksModule. Leave TasksModule.forRoot() in the imports of the application, and ' +
        "call .overrideModule(TasksModule).useModule(TasksTestingModule.forRoot({ mode: 'manual' })) on the testing module.",
    );
  }
}

/**
 * Replaces `TasksModule` in a test. The options that the application passes to
 * `TasksModule` remain in force.
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
@Module({ providers: [StandInCheck], exports: [TASKS_MODE] })
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
