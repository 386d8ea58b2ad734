import { Module, ValidationPipe, type DynamicModule } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { APP_PIPE } from '@nestjs/core';
import { TasksModule, type TasksModuleOptions } from 'nestjs-tasks';
import { DatabaseModule } from '../database/database.module.js';
import { environment } from './environment.js';
import { InventoryService } from './orders/inventory.service.js';
import { NotificationsService } from './orders/notifications.service.js';
import { OrdersController } from './orders/orders.controller.js';
import { OrdersRepository } from './orders/orders.repository.js';
import { PaymentsService } from './orders/payments.service.js';
import { SCHEMA } from './schema.js';

@Module({
  controllers: [OrdersController],
  providers: [
    OrdersRepository,
    PaymentsService,
    InventoryService,
    NotificationsService,
    {
      provide: APP_PIPE,
      useFactory: () =>
        new ValidationPipe({
          transform: true,
          whitelist: true,
          forbidNonWhitelisted: true,
        }),
    },
  ],
})
export class AppModule {
  /** Tests and the demo pass observers. */
  static forRoot(options: TasksModuleOptions = {}): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot({ isGlobal: true, load: [environment] }),
        DatabaseModule.forRoot(SCHEMA),
        TasksModule.forRoot(options),
      ],
    };
  }
}
