import { ValidateBy } from 'class-validator';

const LARGEST_PRICE = 10_000;

/** An amount of whole cents. `IsNumber({ maxDecimalPlaces: 2 })` would throw at 1e-7. */
export function IsPrice(): PropertyDecorator {
  return ValidateBy({
    name: 'isPrice',
    validator: {
      validate: (price) =>
        typeof price === 'number' &&
        price > 0 &&
        price <= LARGEST_PRICE &&
        Math.round(price * 100) / 100 === price,
      defaultMessage: () =>
        `$property must be a number of whole cents, above 0 and up to ${LARGEST_PRICE}`,
    },
  });
}

/** The price of all items, summed in whole cents because floats would drift. */
export function totalCents(
  items: readonly { price: number; quantity: number }[],
): number {
  return items.reduce(
    (sum, { price, quantity }) => sum + Math.round(price * 100) * quantity,
    0,
  );
}

/** Dollars, for display only: nothing may be computed from them. */
export function toDollars(cents: number): number {
  return cents / 100;
}
