import { Controller, Get, Inject, Injectable, Module } from '@nestjs/common';
import {
  EventEmitter2,
  EventEmitterModule,
  OnEvent,
} from '@nestjs/event-emitter';
import { newOrder, type Order } from './order.js';
import { work } from './work.js';

@Injectable()
class OrderListener {
  @OnEvent('order.created')
  onCreated(order: Order): void {
    work(order.id);
  }
}

@Controller()
class OrdersController {
  readonly #events: EventEmitter2;

  constructor(@Inject(EventEmitter2) events: EventEmitter2) {
    this.#events = events;
  }

  @Get()
  create(): Order {
    const order = newOrder();
    this.#events.emit('order.created', order);
    return order;
  }
}

/** The listener runs inside the handler, before the response. */
@Module({
  imports: [EventEmitterModule.forRoot()],
  controllers: [OrdersController],
  providers: [OrderListener],
})
export class EventEmitterAppModule {}
