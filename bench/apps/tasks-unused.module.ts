import { Controller, Get, Module } from '@nestjs/common';
import { Tasks, TasksModule } from 'nestjs-tasks';
import { newOrder, type Order } from './order.js';

@Controller()
class OrdersController {
  @Get()
  create(@Tasks() tasks: Tasks): Order {
    if (typeof tasks.schedule !== 'function') throw new Error('No tasks.');
    return newOrder();
  }
}

/** A handler that is injected with its tasks but schedules none. */
@Module({ imports: [TasksModule.forRoot()], controllers: [OrdersController] })
export class TasksUnusedModule {}
