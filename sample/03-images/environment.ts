import { tmpdir } from 'node:os';
import { registerAs } from '@nestjs/config';
import { plainToInstance, Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsNotEmpty,
  IsString,
  IsUrl,
  Matches,
  Max,
  Min,
  validateSync,
} from 'class-validator';
import type { RenderIn } from './images/image-renderer.js';

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
  readonly CDN_URL!: string;

  @IsString()
  @IsNotEmpty()
  readonly CDN_API_KEY!: string;

  @IsHttpUrl()
  readonly ANALYTICS_URL!: string;

  /** Where uploads are while they are processed; it must exist. */
  @IsString()
  @IsNotEmpty()
  readonly TEMP_FOLDER: string = tmpdir();

  @Type(() => Number)
  @IsInt()
  @Min(1)
  readonly MAX_UPLOAD_BYTES: number = 10 * 1024 * 1024;

  /** Width × height. A file of a few kilobytes can decode to gigabytes. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  readonly MAX_PIXELS: number = 25_000_000;

  /** The first pause before another attempt; the next is twice as long. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  readonly RETRY_DELAY_MS: number = 500;

  /** Where the work of the CPU is done. */
  @IsIn(['process', 'threads'])
  readonly RENDER_IN: RenderIn = 'process';
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
