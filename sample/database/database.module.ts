import { Module, type DynamicModule } from '@nestjs/common';
import { ENVIRONMENT } from '../environment.js';
import { Database } from './database.js';
import { PgliteDatabase } from './pglite-database.js';
import { PostgresDatabase } from './postgres-database.js';

interface DatabaseEnvironment {
  readonly DATABASE_URL: string;
  /** Unlimited by default. */
  readonly DATABASE_TIMEOUT_MS?: number;
}

@Module({})
export class DatabaseModule {
  /** Opens the database at `DATABASE_URL` and creates the tables of `schema`. */
  static forRoot(schema: string): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [
        {
          provide: Database,
          inject: [ENVIRONMENT],
          useFactory: ({
            DATABASE_URL: url,
            DATABASE_TIMEOUT_MS: timeoutMs,
          }: DatabaseEnvironment) =>
            url.startsWith('postgres')
              ? PostgresDatabase.open(url, schema, { timeoutMs })
              : PgliteDatabase.open(url, schema),
        },
      ],
      exports: [Database],
    };
  }
}
