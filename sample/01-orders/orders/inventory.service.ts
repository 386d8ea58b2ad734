import { Injectable } from '@nestjs/common';
import { Task } from 'nestjs-tasks';
import { Database } from '../../database/database.js';
import type { OrderItem } from './create-order.dto.js';
import { OrdersRepository } from './orders.repository.js';

@Injectable()
export class InventoryService {
  constructor(
    private readonly database: Database,
    private readonly orders: OrdersRepository,
  ) {}

  /** Reserves all items or none. */
  @Task('inventory')
  async reserve(orderId: number, items: readonly OrderItem[]): Promise<void> {
    try {
      await this.#reserveAll(orderId, items);
    } catch (error) {
      // Here and not in an `onError`: the response waits for the task but not for its
      // error handlers, and the client may read the state once it has the response.
      await this.orders.setReservation(orderId, 'failed');
      throw error;
    }
  }

  #reserveAll(orderId: number, items: readonly OrderItem[]): Promise<void> {
    return this.database.transaction(async ({ query }) => {
      // All orders lock rows in the same order, which rules out deadlocks.
      for (const { productId, quantity } of items.toSorted(byProduct)) {
        const reserved = await query(
          `UPDATE inventory
           SET available = available - $1, reserved = reserved + $1
           WHERE product_id = $2 AND available >= $1
           RETURNING product_id`,
          [quantity, productId],
        );
        if (reserved.length === 0) {
          throw new Error(`Insufficient inventory for product ${productId}`);
        }
      }
      await query(
        'INSERT INTO reservations (order_id, items) VALUES ($1, $2)',
        [orderId, JSON.stringify(items)],
      );
      await query(`UPDATE orders SET reservation = 'reserved' WHERE id = $1`, [
        orderId,
      ]);
    });
  }
}

function byProduct(a: OrderItem, b: OrderItem): number {
  return a.productId - b.productId;
}
