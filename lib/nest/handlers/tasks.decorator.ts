import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { TaskInvalidOptionError } from '../../core/base/errors.js';
import type { Tasks as RequestTasks } from '../../core/scheduling/tasks.js';
import { tasksToCome, TasksPipe, type TasksToCome } from './tasks.pipe.js';

const PARAM_TYPES = 'design:paramtypes';

const InjectTasks = createParamDecorator(
  (_data: unknown, context: ExecutionContext): TasksToCome =>
    tasksToCome(context),
);

/**
 * The tasks of one request, or of another scope.
 *
 * @publicApi
 */
export interface Tasks extends RequestTasks {}

/**
 * Injects the tasks of the request into a handler. The type of the parameter has the
 * same name.
 *
 * @throws TaskInvalidOptionError on a parameter of a constructor or a static method
 *
 * @example
 * ```ts
 * @Controller('orders')
 * export class OrdersController {
 *   @Post()
 *   create(@Body() order: Order, @Tasks() tasks: Tasks) {
 *     tasks.afterResponse.schedule(sendMail, order.email);
 *     return { id: order.id };
 *   }
 * }
 * ```
 *
 * @publicApi
 */
export function Tasks(): ParameterDecorator {
  return (target, key, index) => {
    if (key === undefined || typeof target === 'function') {
      const method =
        key === undefined
          ? 'the constructor'
          : `the static method ${String(key)}()`;
      throw new TaskInvalidOptionError(
        `@Tasks() must be on a parameter of a handler method, got one of ${method} of ${nameOf(target)}. ` +
          'In a constructor, inject TasksService instead.',
      );
    }
    InjectTasks(TasksPipe)(target, key, index);
    hideParamType(target, key, index);
  };
}

/**
 * Transpilers that compile each file on its own record this function as the type of the
 * parameter, which validating pipes would then try to instantiate.
 */
function hideParamType(
  target: object,
  key: string | symbol,
  index: number,
): void {
  const types = Reflect.getOwnMetadata(PARAM_TYPES, target, key) as
    unknown[] | undefined;
  if (types) types[index] = Object;
}

function nameOf(target: object): string {
  return typeof target === 'function' ? target.name : target.constructor.name;
}
