import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { TaskInvalidOptionError } from '../core/errors.js';
import type { Tasks as RequestTasks } from '../core/task-scheduler.js';
import { TasksPipe, type ContextOf } from './tasks.pipe.js';

const PARAM_TYPES = 'design:paramtypes';

const InjectTasks = createParamDecorator(
  (_data: unknown, context: ExecutionContext): ContextOf =>
    () =>
      context,
);

/**
 * The tasks of one request, or of another unit of work.
 *
 * @publicApi
 */
export interface Tasks extends RequestTasks {}

/**
 * Injects the tasks of the request into a handler. The same name is the type of
 * what is injected.
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
      throw new TaskInvalidOptionError(
        `@Tasks() belongs on a parameter of a handler method. In the constructor of ${nameOf(target)}, inject TasksService instead.`,
      );
    }
    InjectTasks(TasksPipe)(target, key, index);
    hideParamType(target, key, index);
  };
}

/**
 * Transpilers that work file by file record this very function as the type of the
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
