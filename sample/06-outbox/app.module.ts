import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { TasksModule } from 'nestjs-tasks';
import { pgBossEngine } from 'nestjs-tasks/pg-boss';
import { AccountsModule } from './accounts/accounts.module.js';
import { Database } from './database/database.js';
import { DatabaseModule } from './database/database.module.js';
import { environment } from './environment.js';

@Module({})
export class AppModule {
  static forRoot(): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot({
          isGlobal: true,
          load: [environment],
          ignoreEnvFile: true,
        }),
        TasksModule.forRootAsync({
          imports: [DatabaseModule],
          inject: [Database],
          useFactory: ({ forEngine }: Database) => ({
            engine: pgBossEngine(forEngine),
          }),
        }),
        AccountsModule,
      ],
    };
  }
}
