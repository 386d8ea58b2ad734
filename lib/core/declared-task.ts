import type { Class } from './class.js';
import type { TaskErrorHandler, TaskOptions } from './task-options.js';
import type { Task, TaskPhase } from './task.js';

/**
 * What a declaration can say about its task: all options but those that belong to
 * one call.
 *
 * @publicApi
 */
export interface DeclaredTaskOptions extends Omit<
  TaskOptions,
  'name' | 'signal' | 'key' | 'transaction'
> {
  /**
   * What the arguments must be, as a tuple, for durable tasks: checked before they are
   * stored, and again before they are run. Any Standard Schema: zod, valibot, arktype.
   *
   * @default nothing is checked
   */
  schema?: ArgumentSchema | undefined;
}

/**
 * A schema of the arguments of a task, by the interface that validators share
 * (https://standardschema.dev).
 *
 * @publicApi
 */
export interface ArgumentSchema {
  /** What a validator offers to those that know nothing else of it. */
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    /** Says what the value is, or what is wrong with it. */
    readonly validate: (
      value: unknown,
    ) => SchemaResult | PromiseLike<SchemaResult>;
  };
}

/**
 * What a schema says of a value.
 *
 * @publicApi
 */
export type SchemaResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] };

export type Callable = (...args: never[]) => unknown;

/** A unit of work that providers may belong to. */
export interface InjectionUnit {
  /** What they are resolved by: the same for all that is scheduled in the unit. */
  context(): unknown;
}

/** A task that is declared once, as a method of a provider, and scheduled by that. */
export interface DeclaredTask {
  /** Stable and unique in the application, whatever name a call gives to its task. */
  readonly name: string;
  /** The options that its tasks of a phase start from: the application's and its own. */
  readonly options: Readonly<Record<TaskPhase, Readonly<TaskOptions>>>;
  /** What its arguments must be. */
  readonly schema: ArgumentSchema | undefined;
  /** The function that runs the method on its provider, resolved for a unit of work. */
  functionFor(unit: InjectionUnit): Callable;
}

/** Schedules declared tasks, each with the arguments of its method. */
export interface DeclaredTaskScheduler {
  scheduleDeclared<A extends unknown[], R>(
    declared: DeclaredTask,
    args: A,
  ): Task<A, R>;
}

/** The declared tasks of an application, as its schedulers and reports need them. */
export interface DeclaredTasks {
  /**
   * The methods of a provider, each of which schedules its task.
   *
   * @throws TaskNotDeclaredError when the class has no declared task, or no provider
   */
  methodsOf(type: Class<object>, scheduler: DeclaredTaskScheduler): object;
  /**
   * The task whose method this function is.
   *
   * @throws TaskNotDeclaredError when it is the method of several providers
   */
  find(fn: Callable): DeclaredTask | undefined;
  /** The methods that are to be told of the final failure of a task, besides its error handlers. */
  errorHandlersOf(
    task: Task,
    declared: DeclaredTask | undefined,
  ): readonly TaskErrorHandler[];
}
