import { Controller, Get, Module } from '@nestjs/common';
import { Tasks, TasksModule } from 'nestjs-tasks';
import { newOrder, type Order } from './order.js';
import { STORM_TASKS, stormWork } from './storm-work.js';

@Controller()
class OrdersController {
  @Get()
  create(): Order {
    return newOrder();
  }

  @Get('storm')
  storm(@Tasks() tasks: Tasks): Order {
    for (let count = 0; count < STORM_TASKS; count += 1) {
      tasks.afterResponse.schedule(stormWork);
    }
    return newOrder();
  }
}

/** A storm of tasks after one response. */
@Module({ imports: [TasksModule.forRoot()], controllers: [OrdersController] })
export class StormOfTasksModule {}
