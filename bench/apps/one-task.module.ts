import { Controller, Get, Module } from '@nestjs/common';
import { Tasks, TasksModule } from 'nestjs-tasks';
import { newOrder, type Order } from './order.js';
import { work } from './work.js';

/** One task after the response. */
@Controller()
export class OneTaskController {
  @Get()
  create(@Tasks() tasks: Tasks): Order {
    const order = newOrder();
    tasks.afterResponse.schedule(work, order.id);
    return order;
  }
}

/** Nothing else. */
@Module({ imports: [TasksModule.forRoot()], controllers: [OneTaskController] })
export class OneTaskModule {}
