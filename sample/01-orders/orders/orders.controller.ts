import {
  Body,
  Controller,
  Get,
  NotFoundException,
  Param,
  ParseIntPipe,
  Post,
} from '@nestjs/common';
import { Tasks } from 'nestjs-tasks';
import { CreateOrder } from './create-order.dto.js';
import { InventoryService } from './inventory.service.js';
import { toDollars, totalCents } from './money.js';
import { NotificationsService } from './notifications.service.js';
import { OrdersRepository, type OrderState } from './orders.repository.js';
import { PaymentsService } from './payments.service.js';

@Controller('orders')
export class OrdersController {
  constructor(private readonly orders: OrdersRepository) {}

  @Post()
  async create(@Body() dto: CreateOrder, @Tasks() tasks: Tasks) {
    const total = toDollars(totalCents(dto.items));
    const orderId = await this.orders.create(dto);

    // Starts now, beside the handler. A shutdown waits for it.
    tasks
      .task({ name: `payment_${orderId}`, shield: true })
      .of(PaymentsService)
      .process(orderId, total, dto.paymentToken);

    // Starts when the handler has returned. The response and a shutdown wait for it.
    tasks.afterRoute
      .task({ name: `inventory_${orderId}`, shield: true })
      .of(InventoryService)
      .reserve(orderId, dto.items);

    // Start when the response has been sent.
    const notifications = tasks.afterResponse.of(NotificationsService);
    notifications.sendOrderConfirmation(dto.email, orderId, dto.items);
    notifications.notifyWarehouse(orderId, dto.items);
    notifications.trackOrderEvent('order_created', orderId, {
      user_id: dto.userId,
      total,
      items_count: dto.items.length,
    });

    return { orderId, status: 'processing', total };
  }

  @Get(':id')
  async find(@Param('id', ParseIntPipe) orderId: number): Promise<OrderState> {
    const order = await this.orders.find(orderId);
    if (!order) throw new NotFoundException(`There is no order ${orderId}`);
    return order;
  }
}
