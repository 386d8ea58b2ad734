import { randomUUID } from 'node:crypto';
import { Controller, Post } from '@nestjs/common';
import { Tasks } from 'nestjs-tasks';
import { OrderTasks } from './order-tasks.js';

@Controller('orders')
export class OrdersController {
  @Post()
  create(@Tasks() tasks: Tasks) {
    const orderId = randomUUID();
    tasks.afterRoute.of(OrderTasks).charge(orderId);
    tasks.afterResponse.of(OrderTasks).announce(orderId);
    return { orderId, status: 'processing' };
  }
}
