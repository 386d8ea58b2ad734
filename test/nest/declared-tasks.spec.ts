import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  Inject,
  Injectable,
  Param,
  Post,
  Scope,
  type Type,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import {
  Task,
  Tasks,
  TasksService,
  type TaskEvent,
  type TaskNotDeclaredError,
} from 'nestjs-tasks';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

/** A controller whose only route runs the code of the test. */
function controllerOf(handle: (tasks: Tasks) => unknown): Type {
  @Controller()
  class TestController {
    @Post()
    handle(@Tasks() tasks: Tasks) {
      return handle(tasks);
    }
  }
  return TestController;
}

describe.each(platforms)('a declared task over $name', (platform) => {
  it('runs on its provider, in the phase and with the arguments of the call', async () => {
    @Injectable()
    class Mailbox {
      readonly sent: unknown[] = [];
    }
    @Injectable()
    class MailTasks {
      constructor(private readonly mailbox: Mailbox) {}

      @Task('mail.welcome')
      async welcome(email: string, copies: number) {
        await Promise.resolve();
        this.mailbox.sent.push([email, copies]);
        return this.mailbox.sent.length;
      }
    }
    let task: Task<[string, number], number> | undefined;
    const { app, request, tester } = await createApp(platform, {
      providers: [MailTasks, Mailbox],
      controllers: [
        controllerOf((current) => {
          task = current.afterResponse.of(MailTasks).welcome('a@b.c', 2);
        }),
      ],
    });
    await request('/', { method: 'POST' });
    await tester.settled();

    expect(app.get(Mailbox).sent).toEqual([['a@b.c', 2]]);
    expect(task).toMatchObject({
      name: 'mail.welcome',
      phase: 'afterResponse',
      args: ['a@b.c', 2],
      status: 'succeeded',
    });
    expect(await task?.settled()).toEqual({ status: 'succeeded', value: 1 });
  });

  it('can be scheduled in every phase, with options, by AppTasks and in runInScope()', async () => {
    const names: string[] = [];
    @Injectable()
    class Worker {
      @Task()
      work(what: string) {
        names.push(what);
      }
    }
    @Controller()
    class WorkController {
      constructor(private readonly service: TasksService) {}

      @Post()
      handle(@Tasks() tasks: Tasks) {
        tasks.of(Worker).work('immediate');
        tasks.afterRoute.of(Worker).work('after route');
        tasks.afterResponse
          .task({ name: 'mine', retries: 1 })
          .of(Worker)
          .work('after response');
        this.service.afterRoute.of(Worker).work('service');
        this.service.of(Worker).work('service, now');
      }
    }
    const { request, tasks, tester } = await createApp(platform, {
      providers: [Worker],
      controllers: [WorkController],
    });
    await request('/', { method: 'POST' });
    await tester.settled();
    tasks.of(Worker).work('app');
    tasks.task({ shield: true }).of(Worker).work('app with options');
    await tasks.runInScope((scoped) => {
      scoped.afterRoute.of(Worker).work('scope');
    });
    await tester.settled();

    expect(names).toEqual([
      'immediate',
      'service, now',
      'after route',
      'service',
      'after response',
      'app',
      'app with options',
      'scope',
    ]);
  });

  it('is found by a reference to its method, which is bound to the provider', async () => {
    @Injectable()
    class MailTasks {
      readonly sent: string[] = [];

      @Task('mail.welcome', { shield: true })
      welcome(email: string) {
        this.sent.push(email);
      }
    }
    @Controller()
    class MailController {
      constructor(private readonly mail: MailTasks) {}

      @Post()
      handle(@Tasks() tasks: Tasks) {
        const task = tasks.afterRoute.schedule(this.mail.welcome, 'a@b.c');
        return { name: task.name, shield: task.options.shield };
      }
    }
    const { app, request } = await createApp(platform, {
      providers: [MailTasks],
      controllers: [MailController],
    });
    const response = await request('/', { method: 'POST' });

    expect(await response.json()).toEqual({
      name: 'mail.welcome',
      shield: true,
    });
    expect(app.get(MailTasks).sent).toEqual(['a@b.c']);
  });

  it('takes its options from the application, the declaration and the call, the later winning', async () => {
    @Injectable()
    class Worker {
      @Task('work', { retries: 2, timeout: '2s', required: true })
      work() {}
    }
    const seen: unknown[] = [];
    const { request, tester } = await createApp(platform, {
      tasks: { defaults: { timeout: '1s', shield: true, retries: 1 } },
      providers: [Worker],
      controllers: [
        controllerOf((current) => {
          seen.push(
            current.afterRoute
              .task({ retries: 3, name: 'mine' })
              .of(Worker)
              .work().options,
            current.of(Worker).work().options,
          );
        }),
      ],
    });
    await request('/', { method: 'POST' });
    await tester.settled();

    expect(seen).toEqual([
      { name: 'mine', retries: 3, timeout: '2s', shield: true, required: true },
      // Only after-route tasks can be required.
      { name: 'work', retries: 2, timeout: '2s', shield: true },
    ]);
  });

  it('keeps the async context of its call', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    @Injectable()
    class Worker {
      @Task()
      work() {
        seen.push(storage.getStore());
      }
    }
    const { request, tester } = await createApp(platform, {
      providers: [Worker],
      controllers: [
        controllerOf((current) => {
          storage.run('mine', () => current.afterResponse.of(Worker).work());
        }),
      ],
    });
    await request('/', { method: 'POST' });
    await tester.settled();
    expect(seen).toEqual(['mine']);
  });

  it('makes the route fail when it is required and fails', async () => {
    @Injectable()
    class Stock {
      @Task('stock.reserve', { required: true })
      reserve() {
        throw new Error('sold out');
      }
    }
    const { request } = await createApp(platform, {
      providers: [Stock],
      controllers: [
        controllerOf((current) => void current.afterRoute.of(Stock).reserve()),
      ],
    });
    expect((await request('/', { method: 'POST' })).status).toBe(500);
  });

  it('of a request-scoped provider runs on the instance of the request that scheduled it', async () => {
    let instances = 0;
    @Injectable({ scope: Scope.REQUEST })
    class Audit {
      readonly number = (instances += 1);

      constructor(@Inject(REQUEST) readonly request: { url: string }) {}

      @Task()
      write(what: string, log: unknown[]) {
        log.push([what, this.number, this.request.url]);
      }
    }
    const log: unknown[] = [];
    @Controller()
    class SharedController {
      constructor(private readonly audit: Audit) {}

      @Get('shared/:id')
      handle(@Tasks() tasks: Tasks, @Param('id') id: string) {
        tasks.afterResponse.of(Audit).write(`by class ${id}`, log);
        tasks.afterResponse.schedule(this.audit.write, `by method ${id}`, log);
        return { number: this.audit.number };
      }
    }
    @Controller()
    class StaticController {
      @Get('static/:id')
      handle(@Tasks() tasks: Tasks, @Param('id') id: string) {
        tasks.of(Audit).write(`first ${id}`, log);
        tasks.afterResponse.of(Audit).write(`second ${id}`, log);
      }
    }
    const { request, tester } = await createApp(platform, {
      providers: [Audit],
      controllers: [SharedController, StaticController],
    });
    expect(await (await request('/shared/1')).json()).toEqual({ number: 1 });
    await tester.settled();
    await request('/static/2');
    await tester.settled();
    await request('/static/3');
    await tester.settled();

    expect(log).toEqual([
      ['by class 1', 1, '/shared/1'],
      ['by method 1', 1, '/shared/1'],
      ['first 2', 2, '/static/2'],
      ['second 2', 2, '/static/2'],
      ['first 3', 3, '/static/3'],
      ['second 3', 3, '/static/3'],
    ]);
  });

  it('of a transient provider runs on an instance of its own, the same for all its attempts', async () => {
    let instances = 0;
    let requests = 0;
    const seen: unknown[] = [];
    @Injectable({ scope: Scope.REQUEST })
    class OfRequest {
      readonly number = (requests += 1);
    }
    @Injectable({ scope: Scope.TRANSIENT })
    class Worker {
      readonly number = (instances += 1);
      #calls = 0;

      constructor(private readonly ofRequest: OfRequest) {}

      @Task(undefined, { retries: 1, backoff: { type: 'fixed', delay: 0 } })
      work() {
        seen.push(`worker ${this.number} of request ${this.ofRequest.number}`);
        this.#calls += 1;
        if (this.#calls === 1) throw new Error('once more');
      }
    }
    const { request, tester } = await createApp(platform, {
      providers: [Worker, OfRequest],
      controllers: [
        controllerOf((current) => {
          current.of(Worker).work();
          current.of(Worker).work();
        }),
      ],
    });
    await request('/', { method: 'POST' });
    await tester.settled();
    expect(seen.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual(
      [
        'worker 1 of request 1',
        'worker 1 of request 1',
        'worker 2 of request 1',
        'worker 2 of request 1',
      ],
    );
  });

  it('is refused at the call when the method, or the class, is not declared', async () => {
    @Injectable()
    class Worker {
      @Task()
      work() {}

      other() {}
    }
    @Injectable()
    class Undeclared {
      work() {}
    }
    class NoProvider {
      @Task()
      work() {}
    }
    const errors: unknown[] = [];
    const attempt = (fn: () => unknown) => {
      try {
        fn();
      } catch (error) {
        errors.push(error);
      }
    };
    const { request, tasks } = await createApp(platform, {
      providers: [Worker, Undeclared],
      controllers: [
        controllerOf((current) => {
          attempt(() => current.of(Worker).other());
          attempt(() => current.of(Undeclared));
          attempt(() => current.of(NoProvider));
          attempt(() => current.of(undefined as never));
        }),
      ],
    });
    await request('/', { method: 'POST' });

    expect(errors).toHaveLength(4);
    expect(errors.map((error) => (error as TaskNotDeclaredError).code)).toEqual(
      Array(4).fill('TASK_NOT_DECLARED'),
    );
    expect(errors.map(String)).toEqual([
      expect.stringContaining('Worker.other() is not a declared task'),
      expect.stringContaining('Undeclared has no declared task'),
      expect.stringContaining('NoProvider has no declared task'),
      expect.stringContaining('of() takes the class of a provider'),
    ]);
    expect(tasks.stats.scheduled).toBe(0);
  });

  it('fails clearly when an undeclared method that was passed without its object uses `this`', async () => {
    @Injectable()
    class Repository {
      readonly rows: string[] = [];

      insert(row: string) {
        this.rows.push(row);
      }

      pure(row: string) {
        return row;
      }
    }
    const events: TaskEvent[] = [];
    const { app, request, tester } = await createApp(platform, {
      tasks: { observers: [(event) => void events.push(event)] },
      providers: [Repository],
      controllers: [
        controllerOf((current) => {
          const repository = app.get(Repository);
          current.schedule(repository.insert, 'a');
          current.schedule(repository.pure, 'b');
          current.schedule(repository.insert.bind(repository), 'c');
        }),
      ],
    });
    await request('/', { method: 'POST' });
    await tester.settled();

    const failed = events.filter((event) => event.type === 'failed');
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatchObject({
      task: { name: 'insert' },
      error: {
        code: 'TASK_NOT_DECLARED',
        message: expect.stringMatching(
          /^Task "insert" uses `this\.rows`.*@Task\(\).*schedule\(\(\) =>/s,
        ) as unknown,
      },
    });
    expect(app.get(Repository).rows).toEqual(['c']);
  });
});
