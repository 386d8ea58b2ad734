import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  Inject,
  Injectable,
  Param,
  Scope,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  AppTasks,
  Task,
  Tasks,
  TasksModule,
  type TaskInterceptor,
  type TaskInterceptorFunction,
} from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

type Next = () => Promise<unknown>;

/** What the interceptors of a test have noted. */
@Injectable()
class Notes {
  readonly lines: string[] = [];
}

@Injectable()
class Outer implements TaskInterceptor {
  constructor(private readonly notes: Notes) {}

  async intercept(task: Task, next: Next) {
    this.notes.lines.push(`outer: ${task.name}`);
    return next();
  }
}

/** Its instances are told apart by the request that they were made for. */
@Injectable({ scope: Scope.REQUEST })
class OfRequest implements TaskInterceptor {
  static made = 0;
  readonly #number = (OfRequest.made += 1);

  constructor(
    private readonly notes: Notes,
    @Inject(REQUEST) readonly request: { url?: string } | undefined,
  ) {}

  async intercept(task: Task, next: Next) {
    this.notes.lines.push(
      `${this.#number} of ${this.request?.url ?? 'no request'}: ${task.name} ${task.attempt}`,
    );
    return next();
  }
}

@Injectable()
class SyncTasks {
  constructor(private readonly notes: Notes) {}

  @Task('sync', { interceptors: [OfRequest, tagged('inner')] })
  sync(what: string) {
    this.notes.lines.push(`sync ${what} in ${tags.getStore()}`);
  }

  @Task('plain')
  plain() {
    this.notes.lines.push('plain');
  }
}

const tags = new AsyncLocalStorage<string>();

function tagged(tag: string): TaskInterceptorFunction {
  return (_task, next) => tags.run(tag, next);
}

@Controller()
class SyncController {
  constructor(private readonly tasks: SyncTasks) {}

  @Get('declared/:what')
  declared(@Tasks() tasks: Tasks, @Param('what') what: string) {
    tasks.afterRoute.of(SyncTasks).sync(what);
    tasks.afterRoute.schedule(this.tasks.plain);
  }

  @Get('closures')
  closures(@Tasks() tasks: Tasks) {
    let calls = 0;
    tasks.afterRoute
      .task({ name: 'twice', retries: 1, backoff: () => 0 })
      .schedule(() => {
        calls += 1;
        if (calls === 1) throw new Error('again');
      });
    tasks.afterResponse.task({ name: 'after' }).schedule(() => {});
  }
}

describe.each(platforms)('interceptors over $name', (platform) => {
  it('are providers: those of the module outside, then those of the task', async () => {
    const { app, request, tester } = await createApp(platform, {
      tasks: { interceptors: [Outer] },
      providers: [Notes, Outer, OfRequest, SyncTasks],
      controllers: [SyncController],
    });

    await request('/declared/stock');
    await tester.settled();

    const { lines } = app.get(Notes);
    expect(lines.filter((line) => line.includes('sync'))).toEqual([
      'outer: sync',
      expect.stringMatching(/^\d+ of \/declared\/stock: sync 1$/),
      'sync stock in inner',
    ]);
    expect(lines.filter((line) => line.includes('plain'))).toEqual([
      'outer: plain',
      'plain',
    ]);
  });

  it('that are request-scoped exist once for each request', async () => {
    const { app, request, tester } = await createApp(platform, {
      tasks: { interceptors: [OfRequest] },
      providers: [Notes, OfRequest, SyncTasks],
      controllers: [SyncController],
    });
    OfRequest.made = 0;

    await request('/closures');
    await tester.settled();
    await request('/closures');
    await tester.settled();
    await app
      .get(AppTasks)
      .task({ name: 'app' })
      .schedule(() => {})
      .settled();
    await app.get(AppTasks).runInScope((tasks) => {
      tasks.afterRoute.task({ name: 'scoped' }).schedule(() => {});
      tasks.afterResponse.task({ name: 'scoped too' }).schedule(() => {});
    });
    await tester.settled();

    expect(app.get(Notes).lines).toEqual([
      '1 of /closures: twice 1',
      '1 of /closures: twice 2',
      '1 of /closures: after 1',
      '2 of /closures: twice 1',
      '2 of /closures: twice 2',
      '2 of /closures: after 1',
      '3 of no request: app 1',
      '4 of no request: scoped 1',
      '4 of no request: scoped too 1',
    ]);
  });
});

describe('interceptors', () => {
  it('are given to forRootAsync(), and need no provider when they can be created', async () => {
    const lines: string[] = [];
    class Plain implements TaskInterceptor {
      intercept(task: Task, next: Next) {
        lines.push(task.name);
        return next();
      }
    }
    const module = await Test.createTestingModule({
      imports: [
        TasksModule.forRootAsync({
          useFactory: () => ({ interceptors: [Plain] }),
        }),
      ],
    }).compile();
    await module.init();

    await module
      .get(AppTasks)
      .task({ name: 'x' })
      .schedule(() => {})
      .settled();
    await module.close();

    expect(lines).toEqual(['x']);
  });

  it('wait, until all providers exist, with the tasks of their constructors', async () => {
    @Injectable()
    class Eager {
      readonly task: Task<[], string>;
      constructor(appTasks: AppTasks) {
        this.task = appTasks.task({ name: 'eager' }).schedule(() => 'ran');
      }
    }
    const module = await Test.createTestingModule({
      imports: [TasksModule.forRoot({ interceptors: [Outer] })],
      providers: [
        Eager,
        Outer,
        Notes,
        {
          provide: 'slow',
          useFactory: () => new Promise((resolve) => setImmediate(resolve)),
        },
      ],
    }).compile();
    await module.init();

    expect(await module.get(Eager).task.settled()).toMatchObject({
      value: 'ran',
    });
    expect(module.get(Notes).lines).toEqual(['outer: eager']);
    await module.close();
  });

  it('that cannot be created fail the bootstrap, and are named', async () => {
    class Missing {}
    @Injectable()
    class Needy implements TaskInterceptor {
      constructor(readonly missing: Missing) {}
      intercept(_task: Task, next: Next) {
        return next();
      }
    }
    @Injectable()
    class NeedyTasks {
      @Task('needy', { interceptors: [Needy] })
      run() {}
    }
    const ofModule = Test.createTestingModule({
      imports: [TasksModule.forRoot({ interceptors: [Needy] })],
    });
    const ofTask = Test.createTestingModule({
      imports: [TasksModule.forRoot()],
      providers: [NeedyTasks],
    });

    for (const [builder, place] of [
      [ofModule, '`interceptors` of TasksModule'],
      [ofTask, '`interceptors` of task "needy"'],
    ] as const) {
      const module = await builder.compile();
      await expect(module.init()).rejects.toMatchObject({
        code: 'TASK_INVALID_OPTION',
        message: expect.stringContaining(`The interceptor Needy in ${place}`),
        cause: expect.any(Error),
      });
    }
  });

  it('are around durable tasks where they run, at every attempt', async () => {
    const lines: string[] = [];
    @Injectable()
    class MailTasks {
      @Task('mail', {
        durable: true,
        retries: 1,
        backoff: { type: 'fixed', delay: 0 },
        interceptors: [tagged('mail')],
      })
      send(to: string) {
        lines.push(`send ${to} in ${tags.getStore()}`);
        throw new Error('no');
      }
    }
    const { tasks, tester } = await createApp(platforms[0]!, {
      tasks: {
        engine: inProcessEngine(),
        interceptors: [
          (task, next) => {
            lines.push(`${task.name} ${task.attempt}`);
            return next();
          },
        ],
        onError: () => void lines.push(`failed in ${tags.getStore()}`),
      },
      providers: [MailTasks],
    });

    tasks.of(MailTasks).send('a@b.c');
    await tester.settled();
    while (!lines.some((line) => line.startsWith('failed'))) {
      await new Promise((resolve) => setImmediate(resolve));
    }

    expect(lines).toEqual([
      'mail 1',
      'send a@b.c in mail',
      'mail 2',
      'send a@b.c in mail',
      'failed in mail',
    ]);
  });
});
