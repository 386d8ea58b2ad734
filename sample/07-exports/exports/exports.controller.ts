import {
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  NotFoundException,
  Param,
  Post,
} from '@nestjs/common';
import { StoredTasks, Tasks, type StoredTask } from 'nestjs-tasks';
import { ExportTasks } from './export-tasks.js';
import { OrdersRepository } from './orders.repository.js';

@Controller('exports')
export class ExportsController {
  constructor(
    private readonly stored: StoredTasks,
    private readonly orders: OrdersRepository,
  ) {}

  /** Answers when the task is stored, so that its id can be asked for at once. */
  @Post()
  @HttpCode(202)
  create(@Tasks() tasks: Tasks) {
    const { id } = tasks.afterRoute.of(ExportTasks).exportOrders();
    return { id, location: `/exports/${id}` };
  }

  @Get(':id')
  async show(@Param('id') id: string) {
    const { status, attempt, progress, result, error } = await this.#find(id);
    return { status, attempt, progress, result, error: error?.message };
  }

  @Get(':id/file')
  @Header('content-type', 'text/csv')
  async download(@Param('id') id: string) {
    const csv = await this.orders.file(id);
    if (csv === undefined) throw new NotFoundException('There is no such file');
    return csv;
  }

  /** Also of one that runs in another process: its signal fires there. */
  @Delete(':id')
  @HttpCode(204)
  async cancel(@Param('id') id: string) {
    await this.stored.cancel((await this.#find(id)).id);
  }

  /** The id of another task is not for the clients of this API. */
  async #find(id: string): Promise<StoredTask> {
    const task = await this.stored.find(id);
    if (task?.name === 'export.orders') return task;
    throw new NotFoundException('There is no such export');
  }
}
