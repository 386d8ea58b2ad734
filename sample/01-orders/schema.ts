/**
 * Each task writes a column of its own, and the status of an order is computed from
 * them, so that tasks that end at the same time cannot overwrite each other.
 */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS orders (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id     integer NOT NULL,
    email       text    NOT NULL,
    items       jsonb   NOT NULL,
    total_cents integer NOT NULL,
    payment     text    NOT NULL DEFAULT 'pending'
      CHECK (payment IN ('pending', 'paid', 'failed')),
    reservation text    NOT NULL DEFAULT 'pending'
      CHECK (reservation IN ('pending', 'reserved', 'failed')),
    status      text    GENERATED ALWAYS AS (
      CASE
        WHEN payment = 'failed'     THEN 'payment_failed'
        WHEN reservation = 'failed' THEN 'inventory_failed'
        WHEN payment = 'paid' AND reservation = 'reserved' THEN 'confirmed'
        ELSE 'processing'
      END) STORED
  );

  CREATE TABLE IF NOT EXISTS inventory (
    product_id integer PRIMARY KEY,
    available  integer NOT NULL CHECK (available >= 0),
    reserved   integer NOT NULL DEFAULT 0
  );

  CREATE TABLE IF NOT EXISTS reservations (
    order_id integer PRIMARY KEY REFERENCES orders (id),
    items    jsonb   NOT NULL
  );

  INSERT INTO inventory (product_id, available)
  VALUES (1, 100), (2, 100), (3, 5)
  ON CONFLICT DO NOTHING;
`;
