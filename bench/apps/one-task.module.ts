import { Controller, Get, Module } from '@nestjs/common';
import { Tasks, TasksModule } from 'nestjs-tasks';
import { newOrder, type Order } from './order.js';
import { work } from './work.js';

@Controller()
class OrdersController {
  @Get()
  create(@Tasks() tasks: Tasks): Order {
    const order = newOrder();
    tasks.afterResponse.schedule(work, order.id);
    return order;
  }
}

/** One task after the response. */
@Module({ imports: [TasksModule.forRoot()], controllers: [OrdersController] })
export class OneTaskModule {}
