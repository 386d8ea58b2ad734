import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { TasksModule } from 'nestjs-tasks';
import { pgBossEngine } from 'nestjs-tasks/pg-boss';
import { Database } from '../database/database.js';
import { AccountsController } from './accounts/accounts.controller.js';
import { MailTasks } from './accounts/mail-tasks.js';
import { environment } from './environment.js';
import { databaseModule, storeIn } from './outbox.js';

@Module({ controllers: [AccountsController], providers: [MailTasks] })
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
        databaseModule,
        TasksModule.forRootAsync({
          imports: [databaseModule],
          inject: [Database],
          useFactory: (database: Database) => ({
            engine: pgBossEngine(storeIn(database)),
          }),
        }),
      ],
    };
  }
}
