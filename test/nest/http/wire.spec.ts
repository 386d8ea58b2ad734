import type { EventEmitter } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  ForbiddenException,
  Get,
  Injectable,
  Param,
  UseGuards,
  type CanActivate,
} from '@nestjs/common';
import {
  Tasks,
  TasksService,
  type Task,
  type Tasks as RequestTasks,
} from 'nestjs-tasks';
import { closeApps, createApp } from '../../support/create-app.js';
import { deferred } from '../../support/deferred.js';
import { turn } from '../../support/manual-clock.js';
import { platforms } from '../../support/platforms.js';
import { RawClient } from '../../support/raw-client.js';

afterEach(closeApps);

interface ServerSocket extends EventEmitter {
  readonly _httpMessage?: EventEmitter;
}

/** All events on one connection, in order. */
class Connection {
  readonly events: string[] = [];
  readonly tasks: Task[] = [];
  socket: ServerSocket | undefined;
  readonly entered = [deferred(), deferred()];
  readonly proceed = [deferred(), deferred()];

  schedule(id: string, tasks: RequestTasks): void {
    this.tasks.push(
      tasks.afterResponse
        .task({ runOn: 'always' })
        .schedule(() => void this.events.push(`after response ${id}`)),
    );
  }

  async handle(id: string, tasks: RequestTasks): Promise<string> {
    this.schedule(id, tasks);
    this.entered[Number(id)]?.resolve();
    await this.proceed[Number(id)]?.promise;
    this.events.push(`handled ${id}`);
    return `body ${id}`;
  }
}

describe.each(platforms)('on one connection over $name', (platform) => {
  async function connect(how: '@Tasks()' | 'TasksService' | 'a guard') {
    const connection = new Connection();
    @Injectable()
    class SchedulingGuard implements CanActivate {
      constructor(private readonly tasks: TasksService) {}

      canActivate(): boolean {
        connection.schedule('guarded', this.tasks);
        connection.entered[1]?.resolve();
        throw new ForbiddenException();
      }
    }
    @Controller()
    class DecoratedController {
      @Get('handled/:id')
      handle(@Param('id') id: string, @Tasks() tasks: RequestTasks) {
        return connection.handle(id, tasks);
      }
    }
    @Controller()
    class ServedController {
      constructor(private readonly tasks: TasksService) {}

      @Get('handled/:id')
      handle(@Param('id') id: string) {
        return connection.handle(id, this.tasks);
      }
    }
    @Controller()
    class GuardedController {
      @Get('guarded')
      @UseGuards(SchedulingGuard)
      handle() {
        return 'never';
      }
    }
    const { app, url, tasks } = await createApp(platform, {
      controllers: [
        how === 'TasksService' ? ServedController : DecoratedController,
        GuardedController,
      ],
    });
    const server = app.getHttpServer() as EventEmitter;
    server.once('connection', (socket: ServerSocket) => {
      connection.socket = socket;
    });
    const client = await RawClient.connect(url);
    const { entered, proceed, events } = connection;
    return { connection, entered, proceed, events, tasks, client };
  }

  it.each(['@Tasks()', 'TasksService'] as const)(
    'the tasks of pipelined requests come after their own responses, with %s',
    async (how) => {
      const { client, tasks, connection, entered, proceed, events } =
        await connect(how);

      client.pipeline(['/handled/0'], ['/handled/1']);
      await entered[0]?.promise;
      await entered[1]?.promise;
      proceed[1]?.resolve();
      await turn();
      await turn();
      expect(events).toEqual(['handled 1']);
      expect(client.received).toBe('');
      proceed[0]?.resolve();

      expect((await client.response()).body).toBe('body 0');
      expect((await client.response()).body).toBe('body 1');
      await tasks.idle();
      client.close();
      expect(events).toEqual([
        'handled 1',
        'handled 0',
        'after response 0',
        'after response 1',
      ]);
      expect(connection.tasks.map(({ response }) => response)).toEqual(
        Array(2).fill({ statusCode: 200, delivered: true }),
      );
    },
  );

  it('a guard that rejects schedules for its own response, which waits for its turn', async () => {
    const { client, tasks, connection, entered, proceed, events } =
      await connect('@Tasks()');

    client.pipeline(['/handled/0'], ['/guarded']);
    await entered[0]?.promise;
    await entered[1]?.promise;
    await turn();
    expect(events).toEqual([]);
    proceed[0]?.resolve();

    expect((await client.response()).status).toBe(200);
    expect((await client.response()).status).toBe(403);
    await tasks.idle();
    client.close();
    expect(events).toEqual([
      'handled 0',
      'after response 0',
      'after response guarded',
    ]);
    expect(connection.tasks.map(({ response }) => response)).toEqual([
      { statusCode: 200, delivered: true },
      { statusCode: 403, delivered: true },
    ]);
  });

  it.each(['/handled/1', '/guarded'])(
    'the tasks of %s run when the client leaves before it is the turn of its response',
    async (path) => {
      const { client, tasks, connection, entered, proceed } =
        await connect('@Tasks()');

      client.pipeline(['/handled/0'], [path]);
      await entered[0]?.promise;
      await entered[1]?.promise;
      client.hangUp();
      proceed[1]?.resolve();
      await connection.tasks[1]?.settled();
      proceed[0]?.resolve();
      await tasks.idle();

      expect(connection.tasks.map(({ status }) => status)).toEqual([
        'succeeded',
        'succeeded',
      ]);
      expect(
        connection.tasks.map(({ response }) => response?.delivered),
      ).toEqual([false, false]);
    },
  );

  it('the tasks of many queued requests add no listeners to the connection', async () => {
    const { client, tasks, connection, entered, proceed } =
      await connect('@Tasks()');
    client.pipeline(
      ['/handled/0'],
      ...Array.from({ length: 20 }, () => ['/guarded'] as const),
    );
    await entered[0]?.promise;
    while (connection.tasks.length < 21) await turn();
    expect(connection.socket?.listenerCount('close')).toBeLessThan(10);
    expect(
      connection.socket?._httpMessage?.listenerCount('finish'),
    ).toBeLessThan(10);
    proceed[0]?.resolve();
    for (let n = 0; n < 21; n += 1) await client.response();
    await tasks.idle();
    client.close();

    expect(connection.tasks).toHaveLength(21);
    expect(tasks.stats.succeeded).toBe(21);
  });
});
