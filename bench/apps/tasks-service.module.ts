import { Controller, Get, Inject, Module } from '@nestjs/common';
import { TasksModule, TasksService } from 'nestjs-tasks';
import { newOrder, type Order } from './order.js';
import { work } from './work.js';

@Controller()
class OrdersController {
  readonly #tasks: TasksService;

  constructor(@Inject(TasksService) tasks: TasksService) {
    this.#tasks = tasks;
  }

  @Get()
  create(): Order {
    const order = newOrder();
    this.#tasks.afterResponse.schedule(work, order.id);
    return order;
  }
}

/** One task after the response, scheduled with a service injected per request. */
@Module({ imports: [TasksModule.forRoot()], controllers: [OrdersController] })
export class TasksServiceModule {}
