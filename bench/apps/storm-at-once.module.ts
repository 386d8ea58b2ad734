import type { ServerResponse } from 'node:http';
import { Controller, Get, Module, Res } from '@nestjs/common';
import { newOrder, type Order } from './order.js';
import { STORM_TASKS, stormWork } from './storm-work.js';

/** Fastify wraps the response. */
type PlatformResponse = ServerResponse & { readonly raw?: ServerResponse };

@Controller()
class OrdersController {
  @Get()
  create(): Order {
    return newOrder();
  }

  @Get('storm')
  storm(@Res({ passthrough: true }) response: PlatformResponse): Order {
    (response.raw ?? response).once('finish', () => {
      for (let count = 0; count < STORM_TASKS; count += 1) {
        void Promise.resolve().then(stormWork);
      }
    });
    return newOrder();
  }
}

/** A hand-written storm: all of the work is released at once. */
@Module({ controllers: [OrdersController] })
export class StormAtOnceModule {}
