import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { LARGEST_INTEGER } from '../../database/database.js';
import type { CreateOrder, OrderItem } from './create-order.dto.js';
import { toDollars, totalCents } from './money.js';

/** An order and the states of its tasks. */
export interface OrderState {
  readonly orderId: number;
  readonly userId: number;
  readonly email: string;
  readonly items: OrderItem[];
  readonly total: number;
  readonly status:
    'processing' | 'confirmed' | 'payment_failed' | 'inventory_failed';
  readonly payment: 'pending' | 'paid' | 'failed';
  readonly reservation: 'pending' | 'reserved' | 'failed';
}

type OrderRow = Omit<OrderState, 'total'> & { readonly totalCents: number };

@Injectable()
export class OrdersRepository {
  constructor(private readonly database: Database) {}

  async create({ userId, email, items }: CreateOrder): Promise<number> {
    const [row] = await this.database.query<{ id: number }>(
      `INSERT INTO orders (user_id, email, items, total_cents)
       VALUES ($1, $2, $3, $4) RETURNING id`,
      [userId, email, JSON.stringify(items), totalCents(items)],
    );
    if (!row) throw new Error('The order was not stored.');
    return row.id;
  }

  async find(orderId: number): Promise<OrderState | undefined> {
    if (orderId > LARGEST_INTEGER) return undefined;
    const [row] = await this.database.query<OrderRow>(
      `SELECT id AS "orderId", user_id AS "userId", email, items,
              total_cents AS "totalCents", status, payment, reservation
       FROM orders WHERE id = $1`,
      [orderId],
    );
    if (!row) return undefined;
    const { totalCents: cents, ...order } = row;
    return { ...order, total: toDollars(cents) };
  }

  async setPayment(
    orderId: number,
    payment: OrderState['payment'],
  ): Promise<void> {
    await this.database.query('UPDATE orders SET payment = $2 WHERE id = $1', [
      orderId,
      payment,
    ]);
  }

  async setReservation(
    orderId: number,
    reservation: OrderState['reservation'],
  ): Promise<void> {
    await this.database.query(
      'UPDATE orders SET reservation = $2 WHERE id = $1',
      [orderId, reservation],
    );
  }
}
