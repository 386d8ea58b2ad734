import { registerAs } from '@nestjs/config';

/** The environment variables of the application. */
export interface Environment {
  readonly PORT: number;
  /** An embedded PostgreSQL (`memory://`, `file://<folder>`), or a server (`postgres://…`). */
  readonly DATABASE_URL: string;
  /** Gets a POST for each mail. */
  readonly MAIL_URL: string;
}

export const environment = registerAs('environment', (): Environment => {
  const { PORT = '3000', DATABASE_URL = 'memory://', MAIL_URL } = process.env;
  if (!MAIL_URL) {
    throw new Error('The environment is not complete: set MAIL_URL.');
  }
  return { PORT: Number(PORT), DATABASE_URL, MAIL_URL };
});
