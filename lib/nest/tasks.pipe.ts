import {
  Inject,
  Injectable,
  Optional,
  type ExecutionContext,
  type PipeTransform,
} from '@nestjs/common';
import { TasksModuleMissingError } from '../core/errors.js';
import type { Tasks } from '../core/task-scheduler.js';
import type { TaskScopes } from './task-scopes.js';
import { TASK_SCOPES } from './tasks.tokens.js';

/**
 * What the factory of `@Tasks()` gives to the pipe: a function, because pipes of
 * the application that come first may walk through objects.
 */
export type ContextOf = () => ExecutionContext;

/**
 * Turns the execution context into the tasks of its handler. It is a pipe because
 * a parameter decorator by itself cannot know to which application it belongs.
 */
@Injectable()
export class TasksPipe implements PipeTransform<ContextOf, Tasks> {
  readonly #scopes: TaskScopes;

  /** @throws TasksModuleMissingError so that bootstrap fails where the module is not imported */
  constructor(@Optional() @Inject(TASK_SCOPES) scopes?: TaskScopes) {
    if (!scopes) throw new TasksModuleMissingError();
    this.#scopes = scopes;
  }

  transform(contextOf: ContextOf): Tasks {
    return this.#scopes.ofCalledHandler(contextOf());
  }
}
