import {
  Inject,
  Injectable,
  Optional,
  type ExecutionContext,
  type PipeTransform,
} from '@nestjs/common';
import { TasksModuleMissingError } from '../../core/base/errors.js';
import type { RouteScheduler } from '../../core/scheduling/route-scheduler.js';
import { ScopeFinder } from '../scopes/scope-finder.js';

const CONTEXT = Symbol('nestjs-tasks:context');

/**
 * What the factory of `@Tasks()` injects, until the tasks take its place: a function,
 * because pipes of the application that run first may traverse objects.
 */
export interface TasksToCome {
  (): void;
  [CONTEXT]?: ExecutionContext;
}

export function tasksToCome(context: ExecutionContext): TasksToCome {
  const toCome: TasksToCome = () => {};
  toCome[CONTEXT] = context;
  return toCome;
}

/** The context of the call that an argument was injected into, if it is {@link TasksToCome}. */
export function contextIn(argument: unknown): ExecutionContext | undefined {
  return typeof argument === 'function'
    ? (argument as TasksToCome)[CONTEXT]
    : undefined;
}

/**
 * Turns what the factory injects into the tasks of the handler. It is a pipe because a
 * parameter decorator cannot know which application it is used in. Most routes do not run
 * it, because it takes longer than a task; see `pipeless-routes.ts`.
 */
@Injectable()
export class TasksPipe implements PipeTransform<TasksToCome, RouteScheduler> {
  readonly #scopes: ScopeFinder;

  /** @throws TasksModuleMissingError so that bootstrap fails where the module is not imported */
  constructor(@Optional() @Inject(ScopeFinder) scopes?: ScopeFinder) {
    if (!scopes) throw new TasksModuleMissingError();
    this.#scopes = scopes;
  }

  transform(toCome: TasksToCome): RouteScheduler {
    // Nothing but `@Tasks()` has this pipe.
    return this.#scopes.ofCalledHandler(toCome[CONTEXT] as ExecutionContext);
  }
}
