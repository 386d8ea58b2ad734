import { Inject, Injectable } from '@nestjs/common';
import { OnTaskError, Task } from 'nestjs-tasks';
import { postJson } from '../../post-json.js';
import { environment, type Environment } from '../environment.js';
import { NotificationsService } from './notifications.service.js';
import { OrdersRepository } from './orders.repository.js';

@Injectable()
export class PaymentsService {
  constructor(
    @Inject(environment.KEY)
    private readonly config: Environment,
    private readonly orders: OrdersRepository,
    private readonly notifications: NotificationsService,
  ) {}

  /** Charges the card through the payment gateway. */
  @Task('payment')
  async process(
    orderId: number,
    amount: number,
    paymentToken: string,
  ): Promise<unknown> {
    const answer = await postJson(
      `${this.config.PAYMENT_URL}/charge`,
      {
        amount,
        currency: 'USD',
        token: paymentToken,
        metadata: { order_id: orderId },
      },
      { headers: { authorization: `Bearer ${this.config.PAYMENT_API_KEY}` } },
    );
    await this.orders.setPayment(orderId, 'paid');
    return JSON.parse(answer);
  }

  /** Called when {@link process} has failed. */
  @OnTaskError('payment')
  async failed(task: Task, error: Error): Promise<void> {
    const [orderId] = task.args as Parameters<PaymentsService['process']>;
    await this.orders.setPayment(orderId, 'failed');
    await this.notifications.sendAlert(
      `Payment failed for order ${orderId}: ${error.message}`,
    );
  }
}
