import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Injectable,
  NotFoundException,
  Param,
  Post,
  Sse,
  type MessageEvent,
} from '@nestjs/common';
import {
  currentTask,
  StoredTasks,
  Task,
  Tasks,
  type StoredTask,
} from 'nestjs-tasks';
import { distinctUntilChanged, map, switchMap, takeWhile, timer } from 'rxjs';

@Injectable()
export class ExportTasks {
  @Task('export.build', { durable: true, keepResult: '1d' })
  async build(rows: number): Promise<{ url: string }> {
    const { id, signal } = currentTask();
    for (let row = 1; row <= rows; row += 1) {
      signal.throwIfAborted();
      await currentTask().progress({ percent: Math.round((100 * row) / rows) });
    }
    return { url: `/files/${id}.csv` };
  }
}

@Controller('exports')
export class ExportsController {
  constructor(private readonly stored: StoredTasks) {}

  /** The response waits until the task is stored: the id can be asked for at once. */
  @Post()
  @HttpCode(202)
  create(@Tasks() tasks: Tasks, @Body() { rows }: { rows: number }) {
    const { id } = tasks.afterRoute.of(ExportTasks).build(rows);
    return { id, location: `/exports/${id}` };
  }

  @Get(':id')
  async show(@Param('id') id: string) {
    return viewOf(await this.#find(id));
  }

  /** One event for each change, until the export has ended. */
  @Sse(':id/events')
  events(@Param('id') id: string) {
    return timer(0, 500).pipe(
      switchMap(async () => viewOf(await this.#find(id))),
      distinctUntilChanged((a, b) => JSON.stringify(a) === JSON.stringify(b)),
      takeWhile(({ isOver }) => !isOver, true),
      map((data): MessageEvent => ({ data })),
    );
  }

  @Delete(':id')
  @HttpCode(204)
  async cancel(@Param('id') id: string) {
    await this.stored.cancel((await this.#find(id)).id);
  }

  async #find(id: string): Promise<StoredTask> {
    const task = await this.stored.find(id);
    // An id of another task is not for the clients of this one.
    if (task?.name !== 'export.build') throw new NotFoundException();
    return task;
  }
}

function viewOf({ status, progress, result, error }: StoredTask) {
  const isOver = ['succeeded', 'failed', 'cancelled'].includes(status);
  return { status, isOver, progress, result, error: error?.message };
}
