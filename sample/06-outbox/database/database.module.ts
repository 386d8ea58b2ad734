import { Module } from '@nestjs/common';
import { environment, type Environment } from '../environment.js';
import { Database } from './database.js';
import { PgliteDatabase } from './pglite-database.js';
import { PostgresDatabase } from './postgres-database.js';

@Module({
  providers: [
    {
      provide: Database,
      inject: [environment.KEY],
      useFactory: ({ DATABASE_URL: url }: Environment): Promise<Database> =>
        url.startsWith('postgres')
          ? PostgresDatabase.open(url)
          : PgliteDatabase.open(url),
    },
  ],
  exports: [Database],
})
export class DatabaseModule {}
