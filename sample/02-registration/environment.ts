import { registerAs } from '@nestjs/config';
import { plainToInstance, Type } from 'class-transformer';
import {
  IsInt,
  IsNotEmpty,
  IsString,
  IsUrl,
  Matches,
  Max,
  Min,
  validateSync,
} from 'class-validator';

const IsHttpUrl = () =>
  IsUrl({ require_tld: false, protocols: ['http', 'https'] });

/** The environment variables of the application; `.env.example` lists them. */
export class Environment {
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly PORT: number = 3000;

  /** An embedded PostgreSQL (`memory://`, `file://<folder>`), or a server (`postgres://…`). */
  @Matches(/^(memory|file|postgres|postgresql):\/\//)
  readonly DATABASE_URL: string = 'memory://';

  /** `smtp://user:password@host:587`, or `smtps://…` for TLS from the first byte. */
  @IsUrl({ require_tld: false, protocols: ['smtp', 'smtps'] })
  readonly SMTP_URL!: string;

  @IsString()
  @IsNotEmpty()
  readonly MAIL_FROM: string = 'Our App <no-reply@example.com>';

  /** Where users reach the application: the links in the mails begin with it. */
  @IsHttpUrl()
  readonly PUBLIC_URL: string = 'http://localhost:3000';

  @IsHttpUrl()
  readonly ANALYTICS_URL!: string;

  @IsHttpUrl()
  readonly ALERT_URL!: string;

  /** What a password costs to hash, and to guess: each further round doubles it. */
  @Type(() => Number)
  @IsInt()
  @Min(4)
  @Max(31)
  readonly HASH_ROUNDS: number = 12;

  /** The pause before a task is tried again; each further pause doubles it. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  readonly RETRY_DELAY_MS: number = 1_000;
}

/** Read when the application starts, so that a test can put another in its place. */
export const environment = registerAs('environment', () => {
  const variables = plainToInstance(Environment, process.env, {
    exposeDefaultValues: true,
  });
  const errors = validateSync(variables);
  if (errors.length > 0) {
    // Only what is wrong: the values of others, such as passwords, stay out of the log.
    const wrong = errors.map(({ constraints }) =>
      Object.values(constraints ?? {}).join(', '),
    );
    throw new Error(`The environment is not complete: ${wrong.join('; ')}.`);
  }
  return variables;
});
