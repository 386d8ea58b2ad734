import type { OrderItem } from './create-order.dto.js';

/** The price of all items. Sums are made of whole cents: floats would drift. */
export function totalCents(items: readonly OrderItem[]): number {
  return items.reduce(
    (sum, { price, quantity }) => sum + Math.round(price * 100) * quantity,
    0,
  );
}

/** Dollars, for those outside; nothing is computed from them any more. */
export function toDollars(cents: number): number {
  return cents / 100;
}
