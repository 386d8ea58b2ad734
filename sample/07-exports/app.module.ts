import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { TasksModule } from 'nestjs-tasks';
import { Database } from '../database/database.js';
import { DatabaseModule } from '../database/database.module.js';
import { engineFor } from './engine.js';
import { environment, type Environment } from './environment.js';
import { ExportTasks } from './exports/export-tasks.js';
import { ExportsController } from './exports/exports.controller.js';
import { OrdersRepository } from './exports/orders.repository.js';
import { schema } from './schema.js';

/** One module for the engine and the tasks, so that they share one connection. */
const databaseModule = DatabaseModule.forRoot(schema);

@Module({
  controllers: [ExportsController],
  providers: [ExportTasks, OrdersRepository],
})
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
          inject: [environment.KEY, Database],
          useFactory: (config: Environment, database: Database) => ({
            engine: engineFor(config, database),
          }),
        }),
      ],
    };
  }
}
