/** Orders to export, and the files that were made of them. */
export const schema = `
  CREATE TABLE IF NOT EXISTS orders (
    id    integer PRIMARY KEY,
    email text NOT NULL,
    total numeric NOT NULL
  );
  INSERT INTO orders (id, email, total)
    SELECT n, 'customer' || n || '@example.com', n * 1.5 FROM generate_series(1, 1000) AS n
    ON CONFLICT DO NOTHING;
  CREATE TABLE IF NOT EXISTS export_files (
    id  text PRIMARY KEY,
    csv text NOT NULL
  );
`;
