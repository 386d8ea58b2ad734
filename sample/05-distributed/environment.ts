import { registerAs } from '@nestjs/config';

/** The environment variables of the application. */
export interface Environment {
  readonly PORT: number;
  readonly REDIS_URL: string;
  /** The name of the queue that the API and its workers share. */
  readonly QUEUE: string;
  /** Where what is done for an order is booked: in life, a payment gateway, a warehouse and a mailer. */
  readonly BACK_OFFICE_URL: string;
}

export const environment = registerAs('environment', (): Environment => {
  const {
    PORT = '3000',
    REDIS_URL,
    QUEUE = 'orders',
    BACK_OFFICE_URL,
  } = process.env;
  if (!REDIS_URL || !BACK_OFFICE_URL) {
    throw new Error(
      'The environment is not complete: set REDIS_URL and BACK_OFFICE_URL.',
    );
  }
  return { PORT: Number(PORT), REDIS_URL, QUEUE, BACK_OFFICE_URL };
});
