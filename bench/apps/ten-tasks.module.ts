import { Controller, Get, Module } from '@nestjs/common';
import { Tasks, TasksModule } from 'nestjs-tasks';
import { newOrder, type Order } from './order.js';
import { work } from './work.js';

@Controller()
class OrdersController {
  @Get()
  create(@Tasks() tasks: Tasks): Order {
    const order = newOrder();
    for (let count = 0; count < 10; count += 1) {
      tasks.afterResponse.schedule(work, order.id);
    }
    return order;
  }
}

/** Ten tasks after the response. */
@Module({ imports: [TasksModule.forRoot()], controllers: [OrdersController] })
export class TenTasksModule {}
