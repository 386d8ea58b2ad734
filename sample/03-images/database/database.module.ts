import { Module } from '@nestjs/common';
import { Environment, environment } from '../environment.js';
import { Database } from './database.js';
import { PgliteDatabase } from './pglite-database.js';
import { PostgresDatabase } from './postgres-database.js';

@Module({
  providers: [
    {
      provide: Database,
      inject: [environment.KEY],
      useFactory: ({ DATABASE_URL: url }: Environment): Database =>
        url.startsWith('postgres')
          ? new PostgresDatabase(url)
          : new PgliteDatabase(url),
    },
  ],
  exports: [Database],
})
export class DatabaseModule {}
