import { Controller, Get, Module } from '@nestjs/common';
import { newOrder, type Order } from './order.js';

@Controller()
class OrdersController {
  @Get()
  create(): Order {
    return newOrder();
  }
}

/** The baseline of all comparisons. */
@Module({ controllers: [OrdersController] })
export class BareModule {}
