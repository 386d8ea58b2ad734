import { Module, type DynamicModule } from '@nestjs/common';
import { ENVIRONMENT } from '../environment.js';
import { Database } from './database.js';
import { PgliteDatabase } from './pglite-database.js';
import { PostgresDatabase, type PostgresOptions } from './postgres-database.js';

@Module({})
export class DatabaseModule {
  /** Opens the database at `DATABASE_URL` and creates the tables of `schema`. */
  static forRoot(schema: string, options?: PostgresOptions): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [
        {
          provide: Database,
          inject: [ENVIRONMENT],
          useFactory: ({ DATABASE_URL: url }: { DATABASE_URL: string }) =>
            url.startsWith('postgres')
              ? PostgresDatabase.open(url, schema, options)
              : PgliteDatabase.open(url, schema),
        },
      ],
      exports: [Database],
    };
  }
}
