import { randomUUID } from 'node:crypto';
import { Body, Controller, Post } from '@nestjs/common';
import { Tasks } from 'nestjs-tasks';
import { OrderTasks } from './order-tasks.js';

/** The body of a request; sample 01 shows how to validate it. */
export interface NewOrder {
  readonly email: string;
  readonly cents: number;
}

@Controller('orders')
export class OrdersController {
  /**
   * The response waits until one call to Redis has stored all three tasks: a 2xx means
   * that the order will be carried out, even if this process crashes.
   */
  @Post()
  create(@Body() { email, cents }: NewOrder, @Tasks() tasks: Tasks) {
    const orderId = randomUUID();
    const { afterRoute } = tasks;
    afterRoute
      .task({ key: `payment:${orderId}` })
      .of(OrderTasks)
      .pay(orderId, cents);
    afterRoute
      .task({ key: `stock:${orderId}` })
      .of(OrderTasks)
      .reserve(orderId);
    afterRoute
      .task({ key: `mail:${orderId}` })
      .of(OrderTasks)
      .confirm(orderId, email);
    return { orderId, status: 'processing' };
  }
}
