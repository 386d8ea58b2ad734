import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module.js';
import { InventoryService } from './inventory.service.js';
import { NotificationsService } from './notifications.service.js';
import { OrdersController } from './orders.controller.js';
import { OrdersRepository } from './orders.repository.js';
import { PaymentsService } from './payments.service.js';

@Module({
  imports: [DatabaseModule],
  controllers: [OrdersController],
  providers: [
    OrdersRepository,
    PaymentsService,
    InventoryService,
    NotificationsService,
  ],
})
export class OrdersModule {}
