import { Controller, Get, Module } from '@nestjs/common';
import { TasksModule } from 'nestjs-tasks';
import { newOrder, type Order } from './order.js';

@Controller()
class OrdersController {
  @Get()
  create(): Order {
    return newOrder();
  }
}

/** A route without tasks, in an application that imports the module. */
@Module({ imports: [TasksModule.forRoot()], controllers: [OrdersController] })
export class ModuleUnusedModule {}
