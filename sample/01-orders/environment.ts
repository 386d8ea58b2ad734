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

  @IsHttpUrl()
  readonly PAYMENT_URL!: string;

  @IsString()
  @IsNotEmpty()
  readonly PAYMENT_API_KEY!: string;

  @IsHttpUrl()
  readonly MAIL_URL!: string;

  @IsString()
  @IsNotEmpty()
  readonly MAIL_API_KEY!: string;

  @IsHttpUrl()
  readonly WAREHOUSE_URL!: string;

  @IsHttpUrl()
  readonly ANALYTICS_URL!: string;

  @IsHttpUrl()
  readonly ALERT_URL!: string;
}

/** Read when the application starts, so that a test can put another in its place. */
export const environment = registerAs('environment', () => {
  const variables = plainToInstance(Environment, process.env, {
    exposeDefaultValues: true,
  });
  const errors = validateSync(variables);
  if (errors.length > 0) {
    // Only what is wrong: the values of others, such as keys, stay out of the log.
    const wrong = errors.map(({ constraints }) =>
      Object.values(constraints ?? {}).join(', '),
    );
    throw new Error(`The environment is not complete: ${wrong.join('; ')}.`);
  }
  return variables;
});
