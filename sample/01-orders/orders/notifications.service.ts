import { Inject, Injectable } from '@nestjs/common';
import { Task } from 'nestjs-tasks';
import { postJson } from '../../post-json.js';
import { environment, type Environment } from '../environment.js';
import type { OrderItem } from './create-order.dto.js';
import { toDollars, totalCents } from './money.js';

/** Notifies other services of an order. */
@Injectable()
export class NotificationsService {
  constructor(
    @Inject(environment.KEY)
    private readonly config: Environment,
  ) {}

  @Task('sendOrderConfirmation')
  async sendOrderConfirmation(
    email: string,
    orderId: number,
    items: readonly OrderItem[],
  ): Promise<void> {
    await postJson(
      `${this.config.MAIL_URL}/send`,
      {
        to: email,
        subject: `Order #${orderId} Confirmed`,
        template: 'order_confirmation',
        data: { order_id: orderId, items, total: toDollars(totalCents(items)) },
      },
      { headers: { authorization: `Bearer ${this.config.MAIL_API_KEY}` } },
    );
  }

  @Task('notifyWarehouse')
  async notifyWarehouse(
    orderId: number,
    items: readonly OrderItem[],
  ): Promise<void> {
    await postJson(`${this.config.WAREHOUSE_URL}/prepare-shipment`, {
      order_id: orderId,
      items: items.map(({ productId, quantity }) => ({
        sku: productId,
        qty: quantity,
      })),
    });
  }

  @Task('trackOrderEvent')
  async trackOrderEvent(
    event: string,
    orderId: number,
    metadata: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    await postJson(`${this.config.ANALYTICS_URL}/track`, {
      event,
      properties: { order_id: orderId, ...metadata },
    });
  }

  async sendAlert(text: string): Promise<void> {
    // The signal of the task may have aborted by the time an error handler runs.
    const signal = AbortSignal.timeout(5_000);
    await postJson(`${this.config.ALERT_URL}/alert`, { text }, { signal });
  }
}
