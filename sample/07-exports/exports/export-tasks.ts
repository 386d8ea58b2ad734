import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { currentTask, Task } from 'nestjs-tasks';
import { environment, type Environment } from '../environment.js';
import { OrdersRepository } from './orders.repository.js';

const PAGE_SIZE = 100;

/** What the store keeps of an export: a reference, as the file itself may be large. */
export interface ExportResult {
  readonly file: string;
  readonly rows: number;
}

@Injectable()
export class ExportTasks {
  constructor(
    private readonly orders: OrdersRepository,
    @Inject(environment.KEY) private readonly config: Environment,
  ) {}

  @Task('export.orders', { durable: true, retries: 3, keepResult: '1d' })
  async exportOrders(): Promise<ExportResult> {
    const task = currentTask();
    const { id, signal } = task;
    const count = await this.orders.count();
    const lines = ['id,email,total'];
    for (let last = 0; lines.length <= count;) {
      signal.throwIfAborted();
      const page = await this.orders.pageAfter(last, PAGE_SIZE);
      if (page.length === 0) break;
      for (const order of page) {
        lines.push(`${order.id},${order.email},${order.total}`);
        last = order.id;
      }
      const rows = lines.length - 1;
      await task.progress({ rows, percent: Math.round((100 * rows) / count) });
      await pause(this.config.PAGE_PAUSE_MS, undefined, { signal });
    }
    await this.orders.saveFile(id, lines.join('\n'));
    return { file: `/exports/${id}/file`, rows: lines.length - 1 };
  }
}
