import {
  Inject,
  Injectable,
  Optional,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import {
  TaskEngineMissingError,
  TasksModuleConflictError,
} from '../core/errors.js';
import type { TaskLog } from '../core/task-log.js';
import { TaskRuntime, type TaskRuntimeParts } from '../core/task-runtime.js';
import { LocalDurableTasks } from '../engine/durable-arguments.js';
import { JobDispatch } from '../engine/job-dispatch.js';
import { InProcessEngine } from '../engine/in-process.engine.js';
import { TaskRegistry } from '../engine/task-registry.js';
import { AppTasks } from './app-tasks.js';
import { checkModuleOptions } from './check-module-options.js';
import { EngineLife } from './engine-life.js';
import { ErrorReporters } from './error-reporters.js';
import { HandlerBinding } from './handler-binding.js';
import { differingKeys } from './same-options.js';
import { TaskExplorer } from './task.explorer.js';
import { TaskLogger } from './task-logger.js';
import { TaskScopes } from './task-scopes.js';
import { TasksInterceptor } from './tasks.interceptor.js';
import type { TasksModuleOptions } from './tasks-module-options.js';
import { TASKS_MODE, type TasksMode } from './tasks.tokens.js';

/** What an application has once, however often it imports the module. */
export interface HostedTasks {
  readonly options: TasksModuleOptions;
  readonly runtime: TaskRuntime;
  readonly scopes: TaskScopes;
  readonly appTasks: AppTasks;
  readonly binding: HandlerBinding;
  readonly explorer: TaskExplorer;
  /** The engine of durable tasks, unless a test runs them here. */
  readonly engine: EngineLife | undefined;
}

/**
 * Makes the tasks of an application, and ties them to its life: they are drained
 * before any other module is taken down, and again after the server has closed.
 */
@Injectable()
export class TasksHost
  implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown
{
  readonly #modules: ModulesContainer;
  readonly #reporters: ErrorReporters;
  readonly #mode: TasksMode | undefined;
  #hosted: HostedTasks | undefined;

  constructor(
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(ModuleRef) moduleRef: ModuleRef,
    @Optional() @Inject(TASKS_MODE) mode?: TasksMode,
  ) {
    this.#modules = modules;
    this.#reporters = new ErrorReporters(moduleRef);
    this.#mode = mode;
    this.#comeFirstAtShutdown();
  }

  get mode(): TasksMode | undefined {
    return this.#mode;
  }

  /** What was made, if the module was imported with `forRoot()`. */
  get hosted(): HostedTasks | undefined {
    return this.#hosted;
  }

  /**
   * The tasks for these options: made at the first import of the module, the same
   * ones for every further import.
   *
   * @throws TaskInvalidOptionError for options that cannot be used
   * @throws TasksModuleConflictError when an earlier import had other options
   */
  open(options: TasksModuleOptions): HostedTasks {
    if (!this.#hosted) {
      this.#hosted = this.#create(options);
    } else {
      const differing = differingKeys(this.#hosted.options, options);
      if (differing.length > 0) throw new TasksModuleConflictError(differing);
    }
    return this.#hosted;
  }

  async onModuleInit(): Promise<void> {
    if (!this.#hosted) return;
    const { binding, explorer, options } = this.#hosted;
    explorer.bootstrapped();
    binding.interceptRequestScoped();
    await this.#reporters.check(options.onError);
    await this.#reporters.check(options.defaults?.onError);
    await this.#hosted.engine?.start();
  }

  async onModuleDestroy(): Promise<void> {
    const drained = this.#hosted?.runtime.shutdown.drain(false);
    this.#mode?.closing?.();
    void this.#hosted?.engine?.pause();
    await drained;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#hosted?.runtime.shutdown.drain(true);
    await this.#hosted?.engine?.stop();
  }

  #create(options: TasksModuleOptions): HostedTasks {
    checkModuleOptions(options, 'The options of TasksModule');
    const isAmbient = options.ambient ?? false;
    const log = new TaskLogger();
    let registry!: TaskRegistry;
    const runtime = new TaskRuntime({
      settings: options,
      log,
      onFirstShielded: () => warnUnlessSignalsAreHeard(log),
      resolveReporter: (reporter) => this.#reporters.resolve(reporter),
      awaited: this.#mode?.awaited,
      createEngine:
        this.#mode?.createEngine ??
        ((...parts) => new InProcessEngine(...parts)),
      createRegistry: (defaults) => (registry = new TaskRegistry(defaults)),
      createDurable: this.#durableTasksOf(options),
    });
    const scopes = new TaskScopes(runtime, isAmbient);
    const binding = new HandlerBinding(
      this.#modules,
      new TasksInterceptor(scopes),
    );
    binding.wrapDecorated();
    if (isAmbient) binding.interceptAll();
    // After the wrapping, as a method is known by its function.
    const explorer = new TaskExplorer(this.#modules, registry);
    explorer.explore();
    const durable = registry.durableNames();
    if (durable.length > 0 && !options.engine) {
      throw new TaskEngineMissingError(durable);
    }
    return {
      options,
      runtime,
      scopes,
      appTasks: new AppTasks(runtime, isAmbient),
      binding,
      explorer,
      engine:
        options.engine && !this.#mode
          ? new EngineLife(options.engine, runtime, registry, options)
          : undefined,
    };
  }

  #durableTasksOf({
    engine,
    propagation,
  }: TasksModuleOptions): TaskRuntimeParts['createDurable'] {
    if (!engine) return undefined;
    return this.#mode
      ? (host) => new LocalDurableTasks(engine.codec, (task) => host.run(task))
      : (host) => new JobDispatch(engine, host, propagation);
  }

  /**
   * Nest takes modules down in the order of their distance from the root, global
   * ones last. Nearer than the root itself, ours comes before all.
   */
  #comeFirstAtShutdown(): void {
    for (const module of this.#modules.values()) {
      if (module.hasProvider(TasksHost)) module.distance = -1;
    }
  }
}

/** A shield is worth nothing when a signal ends the process before anything is drained. */
function warnUnlessSignalsAreHeard(log: TaskLog): void {
  const isHeard = (signal: NodeJS.Signals) => process.listenerCount(signal) > 0;
  if (isHeard('SIGTERM') || isHeard('SIGINT')) return;
  log.warn(
    'A shielded task was scheduled, but nothing listens for SIGTERM or SIGINT, so a signal would end the process ' +
      'without waiting for it. Call app.enableShutdownHooks() before app.listen().',
  );
}
