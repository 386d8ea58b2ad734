import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Body,
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  Param,
  Post,
  Req,
  Scope,
  ValidationPipe,
} from '@nestjs/common';
import { AppTasks, Tasks, TasksService } from 'nestjs-tasks';
import type { EventEmitter } from 'node:events';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

interface AnyRequest extends EventEmitter {
  raw?: EventEmitter;
  res?: EventEmitter;
  socket: { _httpMessage?: EventEmitter };
}

/** The listeners on the response of the request. */
function listenersOf(request: AnyRequest): number {
  const response = request.res ?? request.socket._httpMessage;
  return (
    (response?.listenerCount('finish') ?? Number.NaN) +
    (response?.listenerCount('close') ?? Number.NaN)
  );
}

describe.each(platforms)('the scope of a request over $name', (platform) => {
  it('is shared by TasksService and @Tasks()', async () => {
    const order: string[] = [];
    const { handle } = {
      handle: (what: string) => void order.push(what),
    };
    @Injectable()
    class MailService {
      constructor(private readonly tasks: TasksService) {}

      welcome() {
        this.tasks.afterResponse
          .task({ name: 'mail' })
          .schedule(handle, 'mail');
        this.tasks.afterRoute.schedule(handle, 'after route');
        this.tasks.schedule(handle, 'immediate');
        void this.tasks
          .waitUntil(Promise.resolve(), { name: 'followed' })
          .settled()
          .then(() => handle('followed'));
      }
    }
    @Controller()
    class SharedController {
      constructor(private readonly mail: MailService) {}

      @Get()
      handle(@Tasks() tasks: Tasks) {
        this.mail.welcome();
        const cancelled = tasks.afterResponse.cancel('mail');
        tasks.afterResponse.schedule(handle, `cancelled ${cancelled}`);
      }

      @Get('service-only')
      serviceOnly() {
        this.mail.welcome();
        return 'value';
      }
    }
    const { request, tester } = await createApp(platform, {
      controllers: [SharedController],
      providers: [MailService],
    });

    await request('/');
    await tester.settled();
    // It is not specified when the end of already running work is noticed.
    expect(order.filter((what) => what !== 'followed')).toEqual([
      'immediate',
      'after route',
      'cancelled 1',
    ]);
    expect(order).toContain('followed');

    order.length = 0;
    await request('/service-only').then(() => order.push('response'));
    await tester.settled();
    expect(order.indexOf('after route')).toBeLessThan(
      order.indexOf('response'),
    );
    expect(order).toContain('mail');
  });

  it('is not shared by requests that run at the same time', async () => {
    const ran: string[] = [];
    const both = deferred();
    let entered = 0;
    @Controller()
    class ConcurrentController {
      @Get(':id')
      async handle(@Param('id') id: string, @Tasks() tasks: Tasks) {
        tasks.afterResponse
          .task({ name: 'same name' })
          .schedule(() => void ran.push(id));
        if (++entered === 2) both.resolve();
        await both.promise;
        if (id === 'b') tasks.afterResponse.cancel('same name');
      }
    }
    const { request, tasks, tester } = await createApp(platform, {
      controllers: [ConcurrentController],
    });

    await Promise.all([request('/a'), request('/b')]);
    await tester.settled();

    expect(ran).toEqual(['a']);
    expect(tasks.stats).toMatchObject({ succeeded: 1, cancelled: 1 });
  });

  it('attaches one listener for a thousand tasks, and none before the first', async () => {
    const counts: number[] = [];
    @Controller()
    class ThousandController {
      @Get()
      handle(@Req() request: AnyRequest, @Tasks() tasks: Tasks) {
        const raw = (request.raw ?? request) as AnyRequest;
        counts.push(listenersOf(raw));
        tasks.afterResponse.schedule(() => {});
        counts.push(listenersOf(raw));
        for (let n = 0; n < 333; n += 1) {
          tasks.schedule(() => {});
          tasks.afterRoute.schedule(() => {});
          tasks.afterResponse.schedule(() => {});
        }
        counts.push(listenersOf(raw));
      }

      @Get('bare')
      bare(@Req() request: AnyRequest) {
        counts.push(listenersOf((request.raw ?? request) as AnyRequest));
      }
    }
    const { request, tasks, tester } = await createApp(platform, {
      controllers: [ThousandController],
    });

    await request('/bare');
    await request('/');
    await tester.settled();
    await turn();

    const [bare, before, first, thousand] = counts as [
      number,
      number,
      number,
      number,
    ];
    expect([before - bare, first - bare, thousand - bare]).toEqual([0, 1, 1]);
    expect(tasks.stats.succeeded).toBe(1000);
  });

  it('is not visible to another application in the same process', async () => {
    @Controller()
    class SharedClassController {
      constructor(readonly appTasks: AppTasks) {}

      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.afterResponse.schedule(() => {});
      }
    }
    const first = await createApp(platform, {
      controllers: [SharedClassController],
    });
    const second = await createApp(platform, {
      controllers: [SharedClassController],
    });

    await first.request('/');
    await first.tasks.idle();

    expect(first.tasks.stats.succeeded).toBe(1);
    expect(second.tasks.stats.succeeded).toBe(0);
    expect((await second.request('/')).status).toBe(200);
    await second.tasks.idle();
    expect(second.tasks.stats.succeeded).toBe(1);
  });

  it.each([
    ['first', [Scope.REQUEST, Scope.DEFAULT]],
    ['second', [Scope.DEFAULT, Scope.REQUEST]],
  ])(
    'is that of the application whose handler runs, where the %s has the controller per request',
    async (_which, scopes) => {
      class Flag {}
      @Controller()
      class SharedController {
        constructor(@Inject(Flag) readonly flag: Flag) {}

        @Get()
        handle(@Tasks() tasks: Tasks) {
          tasks.afterResponse.schedule(() => {});
        }
      }
      const apps = [];
      for (const scope of scopes) {
        const flag = { provide: Flag, useFactory: () => new Flag(), scope };
        const controllers = [SharedController];
        apps.push(
          await createApp(platform, { controllers, providers: [flag] }),
        );
      }

      for (const { request, tester } of apps) {
        expect((await request('/')).status).toBe(200);
        await tester.settled();
      }

      expect(apps.map(({ tasks }) => tasks.stats.succeeded)).toEqual([1, 1]);
    },
  );

  it('works in request-scoped controllers, inherited handlers and with validating pipes', async () => {
    const ran: string[] = [];
    class Base {
      @Post('inherited')
      inherited(@Body() body: object, @Tasks() tasks: Tasks) {
        tasks.afterRoute.schedule(() => void ran.push('inherited'));
        return body;
      }
    }
    @Controller({ scope: Scope.REQUEST })
    class ScopedController extends Base {
      @Get('own')
      own(@Tasks() tasks: Tasks, @Tasks() again: Tasks) {
        tasks.afterRoute.schedule(() => void ran.push('own'));
        again.afterResponse.schedule(() => void ran.push('own, later'));
        return tasks === again;
      }
    }
    @Module({ controllers: [ScopedController] })
    class FeatureModule {}
    const { request, tester } = await createApp(platform, {
      imports: [FeatureModule],
      configure: (app) =>
        app.useGlobalPipes(
          new ValidationPipe({
            transform: true,
            validateCustomDecorators: true,
          }),
        ),
    });

    expect(await (await request('/own')).json()).toBe(true);
    await request('/inherited', { method: 'POST' });
    await tester.settled();

    expect(ran).toEqual(['own', 'own, later', 'inherited']);
  });

  it('ends with the outer handler when one calls another with its tasks', async () => {
    const order: string[] = [];
    class Base {
      @Get()
      async handle(@Tasks() tasks: Tasks) {
        tasks.afterRoute.schedule(() => void order.push('after route'));
        await turn();
        order.push('inner');
      }
    }
    @Controller()
    class OuterController extends Base {
      @Get()
      override async handle(@Tasks() tasks: Tasks) {
        await super.handle(tasks);
        await turn();
        order.push('outer');
      }
    }
    const { request, log } = await createApp(platform, {
      controllers: [OuterController],
    });

    await request('/');

    expect(order).toEqual(['inner', 'outer', 'after route']);
    expect(log.lines).toEqual([]);
  });

  it('is opened outside requests by runInScope() of AppTasks', async () => {
    const order: string[] = [];
    const { tasks, tester } = await createApp(platform, {});

    const value = await tasks.runInScope(async (scope) => {
      scope.afterResponse.schedule(() => void order.push('after response'));
      scope.afterRoute.schedule(async () => {
        await turn();
        order.push('after route');
      });
      order.push('work');
      return 42;
    });
    order.push(`resolved ${value}`);
    await tester.settled();

    expect(order.slice(0, 2)).toEqual(['work', 'after route']);
    expect(order.slice(2).sort()).toEqual(['after response', 'resolved 42']);
  });

  it('has failed when the function of runInScope() fails', async () => {
    const ran: string[] = [];
    const { tasks, tester } = await createApp(platform, {});
    const error = new Error('no');

    await expect(
      tasks.runInScope((scope) => {
        for (const runOn of ['success', 'failure'] as const) {
          const note = () => void ran.push(runOn);
          scope.afterRoute.task({ runOn }).schedule(note);
          scope.afterResponse.task({ runOn }).schedule(note);
        }
        throw error;
      }),
    ).rejects.toBe(error);
    await expect(
      tasks.runInScope((scope) => {
        scope.afterRoute.task({ required: true }).schedule(() => {
          throw error;
        });
      }),
    ).rejects.toBe(error);
    await tester.settled();

    expect(ran).toEqual(['failure', 'failure']);
  });
});
