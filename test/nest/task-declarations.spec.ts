import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Injectable,
  Module,
  Post,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { LazyModuleLoader, NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  AppTasks,
  OnTaskError,
  Task,
  TasksModule,
  type TaskOptions,
} from 'nestjs-tasks';
import {
  closeApps,
  createApp,
  type TestAppOptions,
} from '../support/create-app.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

/** Another decorator, which replaces the method with a function of its own. */
function Doubled(): MethodDecorator {
  return (_target, _key, descriptor: PropertyDescriptor) => {
    const method = descriptor.value as (this: unknown, n: number) => number;
    descriptor.value = function (this: unknown, n: number) {
      return 2 * method.call(this, n);
    };
  };
}

const [platform] = platforms;

async function start(options: TestAppOptions) {
  if (!platform) throw new Error('no platform');
  const { tasks, ...app } = await createApp(platform, options);
  const run = async (task: Task) => {
    const outcome = await task.settled();
    return [task.name, 'value' in outcome ? outcome.value : outcome];
  };
  return { ...app, tasks, run };
}

describe('a declaration', () => {
  it('has the name `Class.method` unless it gives another', async () => {
    @Injectable()
    class Worker {
      @Task()
      work() {
        return 1;
      }
    }
    const { tasks, run } = await start({ providers: [Worker] });
    expect(await run(tasks.of(Worker).work())).toEqual(['Worker.work', 1]);
  });

  it('is inherited, under the name of the provider', async () => {
    abstract class Base {
      protected abstract readonly name: string;

      @Task()
      greet() {
        return this.name;
      }
    }
    @Injectable()
    class Ann extends Base {
      protected readonly name = 'Ann';
    }
    @Injectable()
    class Bob extends Base {
      protected readonly name = 'Bob';
    }
    const { app, tasks, run } = await start({ providers: [Ann, Bob] });
    expect(await run(tasks.of(Ann).greet())).toEqual(['Ann.greet', 'Ann']);
    expect(await run(tasks.of(Bob).greet())).toEqual(['Bob.greet', 'Bob']);
    // They share one function, which does not reveal its provider.
    expect(() => tasks.schedule(app.get(Ann).greet)).toThrow(
      expect.objectContaining({
        code: 'TASK_NOT_DECLARED',
        message: expect.stringContaining('tasks.of(Ann).greet') as unknown,
      }),
    );
  });

  it('stays with a method that is overridden, unless the override has its own', async () => {
    @Injectable()
    class Base {
      @Task('one', { retries: 1 })
      one() {
        return 'base';
      }

      @Task('two')
      two() {
        return 'base';
      }
    }
    @Injectable()
    class Derived extends Base {
      override one() {
        return `derived from ${super.one()}`;
      }

      @Task('other')
      override two() {
        return 'derived';
      }
    }
    const { app, tasks, run } = await start({ providers: [Derived] });
    const one = tasks.of(Derived).one();
    expect(one.options.retries).toBe(1);
    expect(await run(one)).toEqual(['one', 'derived from base']);
    expect(await run(tasks.of(Derived).two())).toEqual(['other', 'derived']);
    expect(await run(tasks.schedule(app.get(Derived).one))).toEqual([
      'one',
      'derived from base',
    ]);
  });

  it.each([
    ['above', [Task('doubled'), Doubled()]],
    ['below', [Doubled(), Task('doubled')]],
  ] as const)(
    'works with another decorator, placed %s it',
    async (_, decorators) => {
      @Injectable()
      class Worker {
        readonly factor = 10;

        work(n: number) {
          return this.factor * n;
        }
      }
      const descriptor = Object.getOwnPropertyDescriptor(
        Worker.prototype,
        'work',
      );
      if (!descriptor) throw new Error('no method');
      for (const decorate of decorators.toReversed()) {
        decorate(Worker.prototype, 'work', descriptor);
      }
      Object.defineProperty(Worker.prototype, 'work', descriptor);

      const { app, tasks, run } = await start({ providers: [Worker] });
      expect(await run(tasks.of(Worker).work(1))).toEqual(['doubled', 20]);
      const { work } = app.get(Worker);
      expect(await run(tasks.schedule(work, 2))).toEqual(['doubled', 40]);
    },
  );

  it('is found even if the instance has its own function in place of the method', async () => {
    @Injectable()
    class Worker implements OnModuleInit {
      readonly calls: string[] = [];

      @Task('worker.work')
      work(what: string) {
        this.calls.push(what);
      }

      onModuleInit() {
        const inner = this.work.bind(this);
        this.work = (what) => inner(`traced ${what}`);
      }
    }
    const { app, tasks, run } = await start({ providers: [Worker] });
    const worker = app.get(Worker);
    await run(tasks.of(Worker).work('of'));
    await run(tasks.schedule(worker.work, 'reference'));
    expect(worker.calls).toEqual(['traced of', 'traced reference']);
  });

  it('is one task when its class is provided in two modules', async () => {
    @Injectable()
    class Worker {
      @Task()
      work() {
        return this instanceof Worker;
      }
    }
    @Module({ providers: [Worker] })
    class One {}
    @Module({ providers: [Worker] })
    class Two {}
    const { tasks, run } = await start({ imports: [One, Two] });
    expect(await run(tasks.of(Worker).work())).toEqual(['Worker.work', true]);
  });

  class MailTasks {
    @Task('mail.welcome')
    welcome(): string {
      return 'real';
    }
  }
  class OtherMailTasks extends MailTasks {
    override welcome() {
      return 'other';
    }
  }

  it.each<[string, TestAppOptions['providers'], unknown]>([
    ['useClass', [{ provide: MailTasks, useClass: OtherMailTasks }], 'other'],
    [
      'a symbol and useClass',
      [{ provide: 'MAIL', useClass: MailTasks }],
      'real',
    ],
    [
      'useFactory',
      [{ provide: MailTasks, useFactory: () => new MailTasks() }],
      'real',
    ],
    [
      'an async useFactory under another token',
      [{ provide: 'MAIL', useFactory: () => Promise.resolve(new MailTasks()) }],
      'real',
    ],
    [
      'useValue',
      [{ provide: MailTasks, useValue: { welcome: () => 'fake' } }],
      'fake',
    ],
    [
      'useExisting',
      [OtherMailTasks, { provide: MailTasks, useExisting: OtherMailTasks }],
      'other',
    ],
  ])(
    'is found where its class is provided by %s',
    async (_, providers = [], value) => {
      const { tasks, run } = await start({ providers });
      expect(await run(tasks.of(MailTasks).welcome())).toEqual([
        'mail.welcome',
        value,
      ]);
    },
  );

  it('runs on the object with which a test overrides the provider', async () => {
    @Module({ imports: [TasksModule.forRoot()], providers: [MailTasks] })
    class AppModule {}
    const module = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(MailTasks)
      .useValue({ welcome: () => 'mocked' })
      .compile();
    await module.init();
    const task = module.get(AppTasks).of(MailTasks).welcome();
    expect(await task.settled()).toMatchObject({ value: 'mocked' });
    await module.close();
  });

  it('is found in a module that is loaded lazily', async () => {
    @Injectable()
    class Late {
      @Task()
      work() {
        return 'late';
      }
    }
    @Module({ providers: [Late], exports: [Late] })
    class LateModule {}
    @Injectable()
    class Later {
      @Task()
      work() {
        return 'later';
      }
    }
    @Module({ providers: [Later] })
    class LaterModule {}
    const { app, tasks, run } = await start({});
    expect(() => tasks.of(Late)).toThrow('Late has no declared task');

    const loader = app.get(LazyModuleLoader);
    await loader.load(() => LateModule);
    expect(await run(tasks.of(Late).work())).toEqual(['Late.work', 'late']);
    const moduleRef = await loader.load(() => LaterModule);
    const { work } = moduleRef.get(Later);
    expect(await run(tasks.schedule(work))).toEqual(['Later.work', 'later']);
  });

  it('of a lazy module that clashes is refused to the caller that asks for it, and to no other', async () => {
    @Injectable()
    class First {
      @Task('same')
      work() {
        return 'first';
      }
    }
    @Injectable()
    class Second {
      @Task('same')
      work() {}
    }
    @Module({ providers: [Second] })
    class LateModule {}
    const { app, tasks, run } = await start({ providers: [First] });
    await app.get(LazyModuleLoader).load(() => LateModule);
    expect(await run(tasks.schedule(() => 1))).toEqual(['anonymous', 1]);
    expect(await run(tasks.of(First).work())).toEqual(['same', 'first']);
    expect(() => tasks.of(Second)).toThrow(
      expect.objectContaining({ code: 'TASK_ALREADY_DECLARED' }),
    );
  });

  it('can be scheduled while the application starts', async () => {
    const done: string[] = [];
    @Injectable()
    class Eager {
      constructor(private readonly tasks: AppTasks) {
        this.tasks.of(Cache).warm('constructor');
      }

      onModuleInit() {
        return this.tasks.of(Cache).warm('hook').settled();
      }
    }
    @Injectable()
    class Cache {
      readonly name = 'cache';

      @Task()
      warm(when: string) {
        done.push(`${this.name} ${when}`);
      }
    }
    const { tasks } = await start({ providers: [Eager, Cache] });
    await tasks.idle();
    expect(done.toSorted()).toEqual(['cache constructor', 'cache hook']);
  });

  it('works in a standalone application, which drains its tasks when it closes', async () => {
    const done: string[] = [];
    @Injectable()
    class Worker {
      @Task('work', { shield: true })
      async work() {
        await new Promise((resolve) => setImmediate(resolve));
        done.push('done');
      }
    }
    @Module({ imports: [TasksModule.forRoot()], providers: [Worker] })
    class AppModule {}
    const app = await NestFactory.createApplicationContext(AppModule, {
      logger: false,
    });
    app.get(AppTasks).of(Worker).work();
    await app.close();
    expect(done).toEqual(['done']);
  });
});

describe('bootstrap is refused', () => {
  async function bootError(options: TestAppOptions): Promise<unknown> {
    if (!platform) throw new Error('no platform');
    return createApp(platform, options).then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  it('for two methods of one name, and names both', async () => {
    @Injectable()
    class MailTasks {
      @Task('send')
      send() {}
    }
    @Injectable()
    class SmsTasks {
      @Task('send')
      text() {}
    }
    expect(await bootError({ providers: [MailTasks, SmsTasks] })).toMatchObject(
      {
        code: 'TASK_ALREADY_DECLARED',
        message:
          'Both MailTasks.send() and SmsTasks.text() declare a task named "send". ' +
          "Give one of them another name: @Task('…').",
      },
    );
  });

  it('for two methods of one class with one name', async () => {
    @Injectable()
    class MailTasks {
      @Task('send')
      one() {}

      @Task('send')
      two() {}
    }
    expect(await bootError({ providers: [MailTasks] })).toMatchObject({
      code: 'TASK_ALREADY_DECLARED',
    });
  });

  it('for a clash that only the product of a factory reveals', async () => {
    class First {
      @Task('same')
      work() {}
    }
    class Second {
      @Task('same')
      work() {}
    }
    expect(
      await bootError({
        providers: [
          { provide: 'FIRST', useFactory: () => new First() },
          { provide: 'SECOND', useFactory: () => new Second() },
        ],
      }),
    ).toMatchObject({ code: 'TASK_ALREADY_DECLARED' });
  });

  it('for a task in a controller', async () => {
    @Controller()
    class Orders {
      @Post()
      @Task()
      create() {}
    }
    expect(await bootError({ controllers: [Orders] })).toMatchObject({
      code: 'TASK_NOT_DECLARED',
      message: expect.stringContaining('Orders.create()') as unknown,
    });
  });
});

describe('a decorator is refused where it is used', () => {
  const decorate = (decorator: MethodDecorator, type: Type, key: string) => {
    const target = type.prototype as object;
    const descriptor = Object.getOwnPropertyDescriptor(target, key);
    return () =>
      decorator(target, key, descriptor as TypedPropertyDescriptor<unknown>);
  };
  class Subject {
    static fixed() {}
    get accessor() {
      return 1;
    }
    method() {}
  }

  it.each<[string, () => unknown, RegExp]>([
    [
      'for an unknown option',
      decorate(Task('x', { retry: 1 } as TaskOptions), Subject, 'method'),
      /no `retry`/,
    ],
    [
      'for an option of one call',
      decorate(Task('x', { name: 'y' } as object), Subject, 'method'),
      /no `name`/,
    ],
    [
      'for options in the place of the name',
      decorate(Task({ retries: 1 } as unknown as string), Subject, 'method'),
      /must be a string that is not empty, got an object/,
    ],
    [
      'for an empty name',
      decorate(Task(''), Subject, 'method'),
      /must be a string that is not empty, got ''/,
    ],
    [
      'on an accessor',
      decorate(Task(), Subject, 'accessor'),
      /must be on an instance method of a provider, got `accessor`/,
    ],
    [
      'on a property',
      decorate(Task(), Subject, 'property'),
      /must be on an instance method of a provider, got `property`/,
    ],
    [
      'on a static method',
      () => Task()(Subject, 'fixed', { value: Subject.fixed }),
      /must be on an instance method of a provider, got `fixed`/,
    ],
    [
      'for a name that is no string',
      decorate(OnTaskError(1 as never), Subject, 'method'),
      /`name` must be a string/,
    ],
    [
      '@OnTaskError() on an accessor',
      decorate(OnTaskError(), Subject, 'accessor'),
      /@OnTaskError\(\) must be on an instance method/,
    ],
  ])('%s', (_, put, message) => {
    expect(put).toThrow(
      expect.objectContaining({
        code: 'TASK_INVALID_OPTION',
        message: expect.stringMatching(message) as unknown,
      }),
    );
  });
});

describe('@OnTaskError()', () => {
  it('is called for the failures of one name, or of all, in addition to the error handlers', async () => {
    const told: unknown[] = [];
    @Injectable()
    class Payments {
      @Task('payment.charge')
      charge() {
        throw new Error('declined');
      }

      @Task('refund')
      refund() {}
    }
    @Injectable()
    class Alerts {
      readonly name = 'alerts';

      @OnTaskError('payment.charge')
      @OnTaskError('refund')
      some(task: Task, error: Error) {
        told.push([this.name, 'some', task.name, error.message]);
      }

      @OnTaskError()
      all(task: Task, error: Error) {
        told.push([this.name, 'all', task.name, error.message]);
      }
    }
    const { tasks } = await start({
      tasks: { onError: (task) => void told.push(['module', task.name]) },
      providers: [Payments, Alerts],
    });
    // By the name of the declaration, whatever name the call gives to its task.
    tasks.task({ name: 'payment_42' }).of(Payments).charge();
    await tasks.idle();
    tasks
      .task({ name: 'refund', onError: () => void told.push(['own']) })
      .schedule(() => Promise.reject(new Error('late')));
    await tasks.idle();
    tasks.task({ name: 'other' }).schedule(() => {});
    await tasks.idle();

    expect(told).toEqual([
      ['module', 'payment_42'],
      ['alerts', 'some', 'payment_42', 'declined'],
      ['alerts', 'all', 'payment_42', 'declined'],
      ['own'],
      ['alerts', 'some', 'refund', 'late'],
      ['alerts', 'all', 'refund', 'late'],
    ]);
  });

  it('is refused at bootstrap for a name that no declared task has', async () => {
    @Injectable()
    class Payments {
      @Task('payment.charge')
      charge() {}
    }
    @Injectable()
    class Alerts {
      @OnTaskError('payment.chagre')
      alert() {}
    }
    await expect(start({ providers: [Payments, Alerts] })).rejects.toThrow(
      expect.objectContaining({
        code: 'TASK_NOT_DECLARED',
        message: expect.stringMatching(
          /^@OnTaskError\("payment\.chagre"\) of Alerts\.alert\(\) names no declared task.*Known names: payment\.charge\./,
        ) as unknown,
      }),
    );
  });

  it('is called once when its class is provided in two modules, and is contained', async () => {
    let told = 0;
    @Injectable()
    class Alerts {
      @OnTaskError()
      alert() {
        told += 1;
        throw new Error('pager down');
      }
    }
    @Module({ providers: [Alerts] })
    class One {}
    @Module({ providers: [Alerts] })
    class Two {}
    const { tasks, log } = await start({ imports: [One, Two] });
    tasks.schedule(() => Promise.reject(new Error('boom')));
    await tasks.idle();
    expect(told).toBe(1);
    expect(log.messages('error')).toEqual([
      expect.stringContaining('failed on attempt 1'),
      expect.stringMatching(/"Alerts\.alert".*"pager down".*"boom"/),
    ]);
  });
});
