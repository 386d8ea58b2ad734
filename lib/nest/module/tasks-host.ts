import { quoted } from '../../core/base/describe.js';
import { types } from 'node:util';
import {
  Inject,
  Injectable,
  Optional,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import { TaskEngineMissingError } from '../../core/base/durable-errors.js';
import { TasksModuleConflictError } from '../../core/base/errors.js';
import {
  TaskRuntime,
  type TaskRuntimeParts,
} from '../../core/app/task-runtime.js';
import { checkRepeat } from '../../core/scheduling/check-repeat.js';
import { checkCrons } from '../../durable/check-crons.js';
import { checkFeatures } from '../../core/scheduling/durable-call.js';
import type { DurableEngine } from '../../durable/durable-engine.js';
import { Interceptors } from '../../core/running/interceptors.js';
import type { TaskInterceptors } from '../../core/task/task-interceptor.js';
import type { TaskTelemetry } from '../../core/task/task-telemetry.js';
import { LocalDispatch } from '../../durable/local-dispatch.js';
import { JobDispatch } from '../../durable/job-dispatch.js';
import { StoredAccess } from '../../durable/stored-access.js';
import { AppTasks } from '../app-tasks.js';
import { StoredTasks } from '../stored-tasks.js';
import { InterceptorResolver } from '../declared/interceptor-resolver.js';
import { ReporterResolver } from '../declared/reporter-resolver.js';
import { TaskExplorer } from '../declared/task.explorer.js';
import { HandlerInstrumentation } from '../handlers/handler-instrumentation.js';
import { ScopeFinder } from '../scopes/scope-finder.js';
import { EngineLifecycle } from './engine-lifecycle.js';
import { NestLog } from './nest-log.js';
import { nameTasksAtExit, warnWithoutShutdownHooks } from './process-end.js';
import {
  checkModuleOptions,
  differingOptions,
  type TasksModuleOptions,
} from './tasks-module-options.js';

/** The token of {@link TasksMode}, provided beside `TasksHost` by a test. */
export const TASKS_MODE = Symbol('nestjs-tasks:mode');

/** How tasks are run, when not as usual. */
export interface TasksMode extends Pick<
  TaskRuntimeParts,
  'afterRoute' | 'Route' | 'createRunner'
> {
  /** Called when the application closes, after unshielded tasks were dropped. */
  closing?(): void;
}

/** What exists once per application, however often it imports the module. */
export interface HostedTasks {
  readonly options: TasksModuleOptions;
  readonly runtime: TaskRuntime;
  readonly scopes: ScopeFinder;
  readonly appTasks: AppTasks;
  readonly stored: StoredTasks;
  readonly instrumentation: HandlerInstrumentation;
  readonly explorer: TaskExplorer;
  /** The engine of durable tasks; a test runs them in this process, without it. */
  readonly engine: EngineLifecycle | undefined;
  /** Ends what the telemetry watches. */
  readonly unwatch: (() => void) | undefined;
}

/** Creates the tasks of an application, and starts its engine at the end of the bootstrap. */
@Injectable()
export class TasksHost implements OnModuleInit, OnApplicationBootstrap {
  readonly #modules: ModulesContainer;
  readonly #reporters: ReporterResolver;
  readonly #interceptors: InterceptorResolver;
  readonly #mode: TasksMode | undefined;
  #hosted: HostedTasks | undefined;

  constructor(
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(ModuleRef) moduleRef: ModuleRef,
    @Optional() @Inject(TASKS_MODE) mode?: TasksMode,
  ) {
    this.#modules = modules;
    this.#reporters = new ReporterResolver(moduleRef);
    this.#interceptors = new InterceptorResolver(modules, moduleRef);
    this.#mode = mode;
  }

  get mode(): TasksMode | undefined {
    return this.#mode;
  }

  /** What `open()` created, if the module was imported with `forRoot()`. */
  get hosted(): HostedTasks | undefined {
    return this.#hosted;
  }

  /**
   * The tasks for these options: created at the first import of the module, and the same
   * ones for every further import.
   *
   * @throws TaskInvalidOptionError for options that cannot be used
   * @throws TasksModuleConflictError when an earlier import had other options
   */
  open(options: TasksModuleOptions): HostedTasks {
    if (!this.#hosted) {
      this.#hosted = this.#create(options);
    } else {
      const differing = differingOptions(this.#hosted.options, options);
      if (differing.length > 0) throw new TasksModuleConflictError(differing);
    }
    return this.#hosted;
  }

  async onModuleInit(): Promise<void> {
    if (!this.#hosted) return;
    const { instrumentation, explorer } = this.#hosted;
    explorer.bootstrapped(this.#isDecorated());
    this.#interceptors.bootstrapped();
    instrumentation.bootstrapped();
    await this.#checkClasses(this.#hosted);
    await checkCrons(this.#hosted.runtime.registry.recurringTasks());
  }

  /** Last of all, as the module is destroyed first: a failed bootstrap has started no engine. */
  async onApplicationBootstrap(): Promise<void> {
    await this.#hosted?.engine?.start();
  }

  /** Whether Nest's `instrument` option puts something in the place of instances such as this. */
  #isDecorated(): boolean {
    for (const module of this.#modules.values()) {
      const instance: unknown = module.providers.get(TasksHost)?.instance;
      if (!(instance instanceof TasksHost)) continue;
      const { onModuleInit } = TasksHost.prototype;
      return types.isProxy(instance) || instance.onModuleInit !== onModuleInit;
    }
    return false;
  }

  /** @throws (rejects with) TaskInvalidOptionError for a class in an option that cannot be instantiated */
  async #checkClasses({ options, runtime }: HostedTasks): Promise<void> {
    const { onError, defaults, interceptors } = options;
    await this.#reporters.check(onError, 'onError');
    await this.#reporters.check(defaults?.onError, 'defaults.onError');
    await this.#interceptors.check(
      interceptors,
      '`interceptors` of TasksModule',
    );
    for (const [name, own] of runtime.registry.interceptors()) {
      await this.#interceptors.check(
        own,
        `\`interceptors\` of task ${quoted(name)}`,
      );
    }
  }

  #create(given: TasksModuleOptions): HostedTasks {
    const options = checkModuleOptions(given, 'The options of TasksModule');
    const isAmbient = options.ambient ?? false;
    // A test runs durable tasks without the engine.
    const engine = this.#mode
      ? options.engine
      : (options.engine?.open?.() ?? options.engine);
    const { telemetry } = options;
    const log = new NestLog();
    const runtime = new TaskRuntime({
      settings: options,
      log,
      onFirstShielded: () => {
        warnWithoutShutdownHooks(log);
        nameTasksAtExit(runtime);
      },
      interceptors: new Interceptors(
        outsideIn(telemetry, options.interceptors),
        (type, task) => this.#interceptors.resolve(type, task),
      ),
      resolveReporter: (reporter) => this.#reporters.resolve(reporter),
      createDurable: this.#createDurable(engine, options),
      afterRoute: this.#mode?.afterRoute,
      Route: this.#mode?.Route,
      createRunner: this.#mode?.createRunner,
    });
    if (telemetry) runtime.observers.add((event) => telemetry.observe(event));
    const scopes = new ScopeFinder(runtime, isAmbient);
    const instrumentation = new HandlerInstrumentation(this.#modules, scopes);
    instrumentation.wrapDecorated(this.#isDecorated());
    if (isAmbient) instrumentation.interceptAll();
    // After the wrapping, because the registry identifies a method by its function.
    const explorer = new TaskExplorer(
      this.#modules,
      runtime.registry,
      runtime.lines,
    );
    explorer.explore();
    const durable = runtime.registry.durableTasks();
    if (durable.length > 0 && !runtime.durable) {
      throw new TaskEngineMissingError(durable.map(({ name }) => name));
    }
    for (const { name, options: declared, keepResultMs } of durable) {
      const keepsResult = keepResultMs !== undefined;
      checkFeatures(name, declared.immediate, runtime.durable, keepsResult);
    }
    for (const task of runtime.registry.recurringTasks()) {
      checkRepeat(task, runtime.durable);
    }
    return {
      options,
      runtime,
      scopes,
      appTasks: new AppTasks(runtime, isAmbient),
      stored: new StoredTasks(new StoredAccess(engine, !!this.#mode)),
      instrumentation,
      explorer,
      engine:
        engine && !this.#mode
          ? new EngineLifecycle(engine, runtime, options)
          : undefined,
      unwatch: telemetry?.watch(() => ({
        scheduled: runtime.stats.scheduled,
        waiting: runtime.runner.backlog.size,
        running: runtime.stats.running,
      })),
    };
  }

  #createDurable(
    engine: DurableEngine | undefined,
    options: TasksModuleOptions,
  ): TaskRuntimeParts['createDurable'] {
    if (!engine) return undefined;
    return this.#mode
      ? (runtime) => new LocalDispatch(engine, (task) => runtime.run(task))
      : (runtime) => new JobDispatch(engine, runtime, options);
  }
}

function outsideIn(
  telemetry: TaskTelemetry | undefined,
  interceptors: TaskInterceptors = [],
): TaskInterceptors {
  if (!telemetry) return interceptors;
  return [(task, next) => telemetry.intercept(task, next), ...interceptors];
}
