import type { Duration } from '../base/duration.js';
import type { Task, TaskOptions } from './task.js';
import type { TaskInterceptors } from './task-interceptor.js';
import type { RepeatOptions, TaskRecurrence } from './recurrence.js';
import type { TaskPhase } from './task-phase.js';

/**
 * The options of a declaration: all task options but those that belong to one call.
 *
 * @publicApi
 */
export interface DeclaredTaskOptions extends Omit<
  TaskOptions,
  'name' | 'signal' | 'key' | 'transaction'
> {
  /**
   * The schema of a durable task's arguments, as a tuple: checked before they are stored,
   * and again before they are run, when the method gets the output of the schema. Any
   * Standard Schema: zod, valibot, arktype.
   *
   * @default nothing is checked
   */
  schema?: ArgumentSchema | undefined;
  /**
   * How long the store of a durable task keeps what its method returned, for
   * `StoredTasks`. It must be data.
   *
   * @default not at all
   */
  keepResult?: Duration | undefined;
  /**
   * Wrap every attempt of the task, inside the interceptors of the module: functions, or
   * injectable classes with `intercept(task, next)`.
   *
   * @default none
   */
  interceptors?: TaskInterceptors | undefined;
}

/**
 * The options of a declaration whose task recurs: a durable one, without arguments.
 *
 * @publicApi
 */
export interface RecurringTaskOptions extends DeclaredTaskOptions {
  /** Only the engine can keep a schedule. */
  durable: true;
  /** The schedule says when it starts. */
  delay?: undefined;
  /**
   * When the task runs by itself, once per occurrence in the whole cluster. It can be
   * scheduled by hand besides. What ends or changes the declaration does so to the schedule,
   * when an application with a worker starts.
   *
   * @default it does not
   */
  repeat: RepeatOptions;
}

/**
 * A schema of the arguments of a task, in the interface that validators share
 * (https://standardschema.dev).
 *
 * @publicApi
 */
export interface ArgumentSchema {
  /** The part of a validator that every library can use. */
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    /** Returns the value, or the issues found in it. */
    readonly validate: (
      value: unknown,
    ) => SchemaResult | PromiseLike<SchemaResult>;
  };
}

/**
 * What a schema returns for a value.
 *
 * @publicApi
 */
export type SchemaResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] };

/** Any function. */
export type Callable = (...args: never[]) => unknown;

/** A scope that request-scoped providers can be resolved for. */
export interface InjectionScope {
  /** Identifies the scope to the resolver: the same for everything scheduled in it. */
  context(): unknown;
}

/** A task that is declared once, as a method of a provider. */
export interface DeclaredTask {
  /** Unique in the application and stable, whatever name a call gives to its task. */
  readonly name: string;
  /** The application's options merged with its own, for each phase. */
  readonly options: Readonly<Record<TaskPhase, Readonly<TaskOptions>>>;
  /** The schema of its arguments. */
  readonly schema: ArgumentSchema | undefined;
  /** Inside those of the application. */
  readonly interceptors?: TaskInterceptors | undefined;
  /** When it runs by itself. */
  readonly recurrence?: TaskRecurrence | undefined;
  /** For how long a store keeps what its method returned. */
  readonly keepResultMs?: number | undefined;
  /** Whether only other processes have its method. */
  readonly isElsewhere?: boolean | undefined;
  /** The function that calls the method on its provider, resolved for a scope. */
  functionFor(scope: InjectionScope): Callable;
}

/** Schedules declared tasks. */
export interface DeclaredTaskScheduler {
  scheduleDeclared<A extends unknown[], R>(
    declared: DeclaredTask,
    args: A,
  ): Task<A, R>;
}
