import {
  Controller,
  Injectable,
  Module,
  Post,
  type INestApplication,
} from '@nestjs/common';
import { Task, Tasks, TasksModule, TasksService } from 'nestjs-tasks';
import { TasksTester } from 'nestjs-tasks/testing';

// The application of every project: it is copied into their `src`, and no import in it
// needs to know in which module format it is going to be.

@Injectable()
class MailTasks {
  @Task()
  confirm(orderId: number): string {
    return `confirmed ${orderId}`;
  }
}

function reserve(orderId: number): string {
  return `reserved ${orderId}`;
}

@Controller('orders')
class OrdersController {
  @Post()
  create(@Tasks() tasks: Tasks): object {
    tasks.afterRoute.schedule(reserve, 7);
    tasks.afterResponse.of(MailTasks).confirm(7);
    return { orderId: 7 };
  }
}

@Controller('refunds')
class RefundsController {
  constructor(private readonly tasks: TasksService) {}

  @Post()
  create(): object {
    this.tasks.afterResponse.of(MailTasks).confirm(8);
    return { orderId: 8 };
  }
}

@Module({
  imports: [TasksModule.forRoot()],
  controllers: [OrdersController, RefundsController],
  providers: [MailTasks],
})
export class OrdersModule {}

/** Sends a request to each route; gives the answers, and what became of the tasks. */
export async function play(app: INestApplication): Promise<string[]> {
  const tester = TasksTester.for(app);
  await app.listen(0, '127.0.0.1');
  try {
    const seen: string[] = [];
    for (const path of ['orders', 'refunds']) {
      const url = `${await app.getUrl()}/${path}`;
      const answer = await fetch(url, { method: 'POST' });
      seen.push(`${answer.status} ${await answer.text()}`);
    }
    await tester.settled();
    for (const task of tester.scheduled()) {
      const outcome = await task.settled();
      const end = 'value' in outcome ? outcome.value : outcome.status;
      seen.push(`${task.phase} ${task.name}: ${String(end)}`);
    }
    return seen;
  } finally {
    await app.close();
  }
}

/** What `play()` gives when all is well. */
export const ALL_PLAYED = [
  '201 {"orderId":7}',
  '201 {"orderId":8}',
  'afterRoute reserve: reserved 7',
  'afterResponse MailTasks.confirm: confirmed 7',
  'afterResponse MailTasks.confirm: confirmed 8',
];
