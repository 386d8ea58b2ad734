import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';

export interface NewUser {
  readonly email: string;
  readonly passwordHash: string;
  readonly name: string;
}

export interface RegisteredUser {
  readonly userId: number;
  /** Verifies the email once, within 24 hours. Only its digest is stored. */
  readonly token: string;
}

export interface VerifiedUser {
  readonly userId: number;
  readonly email: string;
  readonly name: string;
}

/** Why a token was refused. */
export type TokenRefusal = 'unknown' | 'used' | 'expired';

@Injectable()
export class UsersRepository {
  constructor(private readonly database: Database) {}

  /** @returns `undefined` when the email is registered already */
  async create({
    email,
    passwordHash,
    name,
  }: NewUser): Promise<RegisteredUser | undefined> {
    const token = randomBytes(32).toString('base64url');
    // One statement, so that no user exists without a token.
    const [row] = await this.database.query<{ userId: number }>(
      `WITH registered AS (
         INSERT INTO users (email, password_hash, name) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING RETURNING id
       )
       INSERT INTO verification_tokens (token_hash, user_id, expires_at)
       SELECT $4, id, now() + interval '24 hours' FROM registered
       RETURNING user_id AS "userId"`,
      [email, passwordHash, name, digest(token)],
    );
    return row && { userId: row.userId, token };
  }

  /** Marks the user as verified and the token as used. */
  async verify(token: string): Promise<VerifiedUser | TokenRefusal> {
    // One statement, so that of two simultaneous requests one finds the token used.
    const [user] = await this.database.query<VerifiedUser>(
      `WITH used AS (
         UPDATE verification_tokens SET used = TRUE
         WHERE token_hash = $1 AND NOT used AND expires_at > now()
         RETURNING user_id
       )
       UPDATE users SET verified = TRUE FROM used WHERE id = used.user_id
       RETURNING id AS "userId", email, name`,
      [digest(token)],
    );
    return user ?? this.#refusal(token);
  }

  async #refusal(token: string): Promise<TokenRefusal> {
    const [row] = await this.database.query<{ used: boolean }>(
      'SELECT used FROM verification_tokens WHERE token_hash = $1',
      [digest(token)],
    );
    if (!row) return 'unknown';
    return row.used ? 'used' : 'expired';
  }
}

/** Read access to the database does not suffice to verify an email. */
function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
