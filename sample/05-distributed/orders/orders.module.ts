import { Module } from '@nestjs/common';
import { OrderTasks } from './order-tasks.js';
import { OrdersController } from './orders.controller.js';

@Module({ controllers: [OrdersController], providers: [OrderTasks] })
export class OrdersModule {}
