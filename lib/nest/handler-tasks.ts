import { RouteTasks, type SchedulingUnit } from '../core/task-scheduler.js';
import type { HandlerCall } from './handler-call.js';

/** What `@Tasks()` injects: the tasks, by which the call that got them is recognised. */
export class HandlerTasks extends RouteTasks {
  readonly #call: HandlerCall;

  constructor(call: HandlerCall & SchedulingUnit) {
    super(call);
    this.#call = call;
  }

  /** The call that an argument belongs to, if it is what `@Tasks()` injects. */
  static callOf(argument: unknown): HandlerCall | undefined {
    return argument instanceof HandlerTasks ? argument.#call : undefined;
  }
}
