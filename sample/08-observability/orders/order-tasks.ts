import { Injectable, Logger } from '@nestjs/common';
import { currentTask, Task } from 'nestjs-tasks';
import { PaymentGateway } from './payment-gateway.js';

@Injectable()
export class OrderTasks {
  readonly #logger = new Logger(OrderTasks.name);

  constructor(private readonly gateway: PaymentGateway) {}

  @Task('order.charge', {
    durable: true,
    retries: 3,
    backoff: { type: 'fixed', delay: '100ms' },
  })
  async charge(orderId: string): Promise<void> {
    await this.gateway.charge(orderId, currentTask().signal);
  }

  @Task('order.announce')
  announce(orderId: string): void {
    this.#logger.log(`Order ${orderId} was accepted`);
  }
}
