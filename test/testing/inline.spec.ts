import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ConflictException,
  Controller,
  Get,
  Injectable,
  Res,
  Sse,
  StreamableFile,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import {
  currentTask,
  Tasks,
  TasksService,
  type TasksModuleOptions,
} from 'nestjs-tasks';
import { from, of } from 'rxjs';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';
import { platforms } from '../support/platforms.js';
import { RawClient } from '../support/raw-client.js';
import { closeTestedApps, createTestedApp } from './tested-app.js';

const none = { succeeded: 0, failed: 0, skipped: 0, dropped: 0, errors: [] };

describe.each(platforms)('inline mode over $name', (platform) => {
  afterEach(closeTestedApps);

  /** An application with one route and this handler. */
  async function serve(
    handle: (tasks: Tasks) => unknown,
    options?: TasksModuleOptions,
  ) {
    @Controller()
    class TestController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        return handle(tasks);
      }
    }
    return createTestedApp(platform, {
      mode: 'inline',
      controllers: [TestController],
      ...(options && { tasks: options }),
    });
  }

  it.each([
    ['a value', (value: string) => value],
    ['a promise', (value: string) => Promise.resolve(value)],
    ['an Observable', (value: string) => of(value)],
    ['a file', (value: string) => new StreamableFile(Buffer.from(value))],
  ])('has run everything when the answer to %s comes', async (_, answer) => {
    const ran: string[] = [];
    const { send, tester } = await serve((tasks) => {
      tasks.afterResponse.schedule(async () => {
        await turn();
        ran.push('after the response');
        tasks.afterResponse.schedule(() => ran.push('child'));
      });
      tasks.afterRoute.schedule(async () => {
        await turn();
        ran.push('after the route');
      });
      tasks.schedule(() => ran.push('immediate'));
      return answer('answer');
    });

    expect(await send('')).toEqual({ status: 200, body: 'answer' });
    expect(ran).toEqual([
      'immediate',
      'after the route',
      'after the response',
      'child',
    ]);
    expect(await tester.drain()).toEqual({ ...none, succeeded: 4 });
  });

  it('waits for after-route tasks even where the options say not to', async () => {
    const order: string[] = [];
    const { send } = await serve(
      (tasks) => {
        tasks.afterRoute.schedule(async () => {
          await turn();
          order.push('after the route');
        });
      },
      { afterRoute: { await: false } },
    );
    await send('').then(() => order.push('answer'));

    expect(order).toEqual(['after the route', 'answer']);
  });

  it('waits for error handlers too', async () => {
    const alerts: string[] = [];
    const { send } = await serve(
      (tasks) => {
        tasks.afterResponse.schedule(() => {
          throw new Error('no');
        });
      },
      {
        async onError(_task, error) {
          await turn();
          alerts.push(error.message);
        },
      },
    );

    expect(await send('')).toMatchObject({ status: 200 });
    expect(alerts).toEqual(['no']);
  });

  it('judges after-response tasks like after-route tasks', async () => {
    const { send, tester } = await serve((tasks) => {
      tasks.afterResponse.task({ name: 'mail' }).schedule(() => {});
      tasks.afterResponse
        .task({ name: 'apology', runOn: 'failure' })
        .schedule(() => currentTask().response);
      tasks.afterRoute.task({ name: 'stock' }).schedule(() => {});
      throw new ConflictException();
    });

    expect(await send('')).toMatchObject({ status: 409 });
    expect(await tester.drain()).toEqual({ ...none, succeeded: 1, skipped: 2 });
    const apology = tester.assertScheduled({ name: 'apology' });
    expect(await apology.settled()).toEqual({
      status: 'succeeded',
      value: undefined,
    });
  });

  it('fails the route with a required task, and counts that as failure', async () => {
    const { send, tester } = await serve((tasks) => {
      tasks.afterRoute.task({ required: true }).schedule(async () => {
        await turn();
        throw new ConflictException('out of stock');
      });
      tasks.afterResponse.task({ name: 'mail' }).schedule(() => {});
      tasks.afterResponse
        .task({ name: 'apology', runOn: 'failure' })
        .schedule(() => {});
    });

    expect(await send('')).toMatchObject({ status: 409 });
    tester.assertScheduled({ name: 'mail', status: 'skipped' });
    tester.assertScheduled({ name: 'apology', status: 'succeeded' });
  });

  it('runs a task once, however the response ends', async () => {
    const mayEnd = deferred();
    const called = deferred();
    let count = 0;
    const { url, tester } = await serve((tasks) => {
      tasks.afterRoute.schedule(() => (called.resolve(), mayEnd.promise));
      tasks.afterResponse.schedule(() => (count += 1));
      tasks.afterResponse.task({ runOn: 'failure' }).schedule(() => {});
      return 'answer';
    });
    const client = await RawClient.connect(url);
    client.get('/');
    await called.promise;
    client.hangUp();
    await client.closed();
    mayEnd.resolve();

    expect(await tester.drain()).toEqual({ ...none, succeeded: 2, skipped: 1 });
    expect(count).toBe(1);
  });

  it('does not affect a response that was sent by hand', async () => {
    @Controller()
    class SendingController {
      @Get()
      handle(@Tasks() tasks: Tasks, @Res() res: { send(body: string): void }) {
        tasks.afterRoute.schedule(() => {});
        tasks.afterResponse.schedule(() => {});
        res.send('sent');
      }
    }
    const { send, tester } = await createTestedApp(platform, {
      mode: 'inline',
      controllers: [SendingController],
    });

    expect(await send('')).toEqual({ status: 200, body: 'sent' });
    expect(await tester.drain()).toEqual({ ...none, succeeded: 2 });
  });

  it('does not delay streams', async () => {
    const mayEnd = deferred();
    @Controller()
    class StreamingController {
      @Sse('events')
      events(@Tasks() tasks: Tasks) {
        tasks.afterRoute.schedule(() => mayEnd.promise);
        tasks.afterResponse.schedule(() => mayEnd.promise);
        return from([{ data: 'a' }, { data: 'b' }]);
      }
    }
    const { send, tester } = await createTestedApp(platform, {
      mode: 'inline',
      controllers: [StreamingController],
    });

    const { body } = await send('events');
    expect(body).toContain('data: b');
    mayEnd.resolve();
    expect(await tester.drain()).toEqual({ ...none, succeeded: 2 });
  });

  it('waits for tasks that a guard scheduled, unless the guard rejects', async () => {
    const order: string[] = [];
    @Injectable()
    class SchedulingGuard implements CanActivate {
      constructor(private readonly tasks: TasksService) {}

      canActivate(context: ExecutionContext): boolean {
        this.tasks.afterResponse
          .task({ runOn: 'always' })
          .schedule(() => order.push('ran'));
        return context.getHandler().name === 'accepted';
      }
    }
    @UseGuards(SchedulingGuard)
    @Controller()
    class GuardedController {
      @Get('accepted')
      accepted() {}
      @Get('rejected')
      rejected() {}
    }
    const { send, tester } = await createTestedApp(platform, {
      mode: 'inline',
      controllers: [GuardedController],
      providers: [SchedulingGuard],
    });

    await send('accepted').then(() => order.push('accepted'));
    expect(order).toEqual(['ran', 'accepted']);

    expect(await send('rejected')).toMatchObject({ status: 403 });
    expect(await tester.drain()).toEqual({ ...none, succeeded: 2 });
  });
});
