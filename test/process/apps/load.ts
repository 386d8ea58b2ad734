import 'reflect-metadata';
import { appendFileSync } from 'node:fs';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Controller, Get, Module, Param } from '@nestjs/common';
import {
  Tasks,
  TasksModule,
  type TasksModuleOptions,
} from '../../../lib/index.js';
import type { AdapterName } from './adapter.js';
import { listen } from './listen.js';
import { reportTask } from './task-reports.js';

export interface LoadOptions {
  readonly adapter: AdapterName;
  readonly shutdown: TasksModuleOptions['shutdown'];
  /** Where each confirmed order is written down. */
  readonly file: string;
}

const options = JSON.parse(process.argv[2] ?? '{}') as LoadOptions;

async function pay(): Promise<void> {
  await setTimeout(5);
}

function confirm(id: string): void {
  appendFileSync(options.file, `${id}\n`);
}

async function mail(): Promise<void> {
  await setImmediate();
  await setTimeout(20);
}

@Controller('orders')
class OrdersController {
  @Get(':id')
  async create(
    @Param('id') id: string,
    @Tasks() tasks: Tasks,
  ): Promise<string> {
    // So that there are always requests in flight, some of them for longer than the drain.
    await setTimeout(Number(id) % 10 === 0 ? 100 : 5);
    tasks.task({ name: `pay_${id}`, shield: true }).schedule(pay);
    tasks.task({ name: `count_${id}` }).schedule(mail);
    tasks.afterRoute.task({ name: `reserve_${id}` }).schedule(() => id);
    tasks.afterResponse
      .task({ name: `confirm_${id}`, shield: true })
      .schedule(confirm, id);
    tasks.afterResponse.task({ name: `mail_${id}` }).schedule(mail);
    return id;
  }
}

@Module({
  imports: [
    TasksModule.forRoot({
      shutdown: options.shutdown,
      observers: [
        (event) => {
          if (event.type !== 'started') reportTask(event);
        },
      ],
    }),
  ],
  controllers: [OrdersController],
})
class LoadModule {}

await listen(LoadModule, options.adapter);
