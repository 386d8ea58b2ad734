/**
 * A unique index, because two simultaneous requests would both pass a check made
 * before the insert.
 */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS users (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email         text    NOT NULL,
    password_hash text    NOT NULL,
    name          text    NOT NULL,
    verified      boolean NOT NULL DEFAULT FALSE
  );

  CREATE UNIQUE INDEX IF NOT EXISTS users_email ON users (lower(email));

  CREATE TABLE IF NOT EXISTS verification_tokens (
    token_hash text        PRIMARY KEY,
    user_id    integer     NOT NULL REFERENCES users (id),
    expires_at timestamptz NOT NULL,
    used       boolean     NOT NULL DEFAULT FALSE
  );
`;
