import type { ServerResponse } from 'node:http';
import { Controller, Get, Module, Res } from '@nestjs/common';
import { newOrder, type Order } from './order.js';
import { work } from './work.js';

/** Fastify wraps the response. */
type PlatformResponse = ServerResponse & { readonly raw?: ServerResponse };

@Controller()
class OrdersController {
  @Get()
  create(@Res({ passthrough: true }) response: PlatformResponse): Order {
    const order = newOrder();
    (response.raw ?? response).once('finish', () => work(order.id));
    return order;
  }
}

/** A hand-written listener, without names, error handling or shutdown. */
@Module({ controllers: [OrdersController] })
export class FinishListenerModule {}
