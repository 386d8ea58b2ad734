import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  Controller,
  Get,
  Injectable,
  Scope,
  type INestApplication,
  type Provider,
  type Type,
} from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import type { AddressInfo } from 'node:net';
import { Task, Tasks, TasksModule } from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { TasksTester } from 'nestjs-tasks/testing';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** A provider with a declared task, and a controller that schedules it by reference. */
function mailApp(scope = Scope.DEFAULT) {
  const sent: unknown[] = [];
  @Injectable({ scope })
  class Mail {
    readonly by: string = 'Mail';

    @Task('mail.send', { retries: 3, durable: true })
    send(to: string): void {
      sent.push(`${this.by}: ${to}`);
    }
  }
  @Controller()
  class MailController {
    constructor(readonly mail: Mail) {}

    @Get()
    handle(@Tasks() tasks: Tasks) {
      const { name, options } = tasks.schedule(this.mail.send, 'ann');
      return { name, retries: options.retries };
    }
  }
  return { sent, Mail, MailController };
}

/** What the declaration gives to a task that was scheduled by reference. */
const DECLARED = { name: 'mail.send', retries: 3 };

/** Makes each call of a method known to `calls`, as a tracing module does. */
function traced(method: Method, calls: string[]): Method {
  return function (...args) {
    calls.push('traced');
    return method.apply(this, args);
  };
}

describe.each(platforms)('a reference to a method over $name', (platform) => {
  it.each(['constructor', 'onModuleInit', 'onApplicationBootstrap', 'later'])(
    'is recognised when a tracing module has replaced it on the prototype: %s',
    async (moment) => {
      const { sent, Mail, MailController } = mailApp();
      const calls: string[] = [];
      const replace = (now: string) => {
        if (now !== moment) return;
        const prototype = Mail.prototype as unknown as Record<string, Method>;
        prototype['send'] = traced(prototype['send'] as Method, calls);
      };
      @Injectable()
      class Tracing {
        constructor() {
          replace('constructor');
        }
        onModuleInit() {
          replace('onModuleInit');
        }
        onApplicationBootstrap() {
          replace('onApplicationBootstrap');
        }
      }
      const stored: string[] = [];
      const { request, tester, log } = await createApp(platform, {
        tasks: {
          engine: inProcessEngine(),
          observers: [({ type }) => stored.push(type)],
        },
        providers: [Tracing, Mail],
        controllers: [MailController],
      });
      replace('later');
      const response = await request('/');
      await tester.settled();

      expect(await response.json()).toEqual(DECLARED);
      expect(stored).toContain('enqueued');
      await tester.waitFor({ name: 'mail.send', status: 'succeeded' });
      expect(sent).toEqual(['Mail: ann']);
      expect(calls).toEqual(['traced']);
      expect(log.lines).toEqual([]);
    },
  );

  it.each(['the instance', 'the prototype'])(
    'is recognised when a test spies on %s, before and after',
    async (where) => {
      const { sent, Mail, MailController } = mailApp();
      const { app, request, tester } = await createApp(platform, {
        tasks: { engine: inProcessEngine() },
        providers: [Mail],
        controllers: [MailController],
      });
      const mail: { send(to: string): void } =
        where === 'the instance' ? app.get(Mail) : Mail.prototype;
      const spy = jest.spyOn(mail, 'send').mockImplementation(() => {});
      const spied = await request('/');
      await tester.waitFor({ name: 'mail.send', status: 'succeeded' });
      await tester.settled();
      expect(await spied.json()).toEqual(DECLARED);
      expect(spy).toHaveBeenCalledWith('ann');
      expect(sent).toEqual([]);

      spy.mockRestore();
      expect(await (await request('/')).json()).toEqual(DECLARED);
      await tester.settled();
    },
  );

  it('is recognised when a decorator has made an accessor of the method', async () => {
    const bind = (
      _target: object,
      key: string,
      { value = () => {} }: TypedPropertyDescriptor<(to: string) => void>,
    ) => {
      return {
        configurable: true,
        get(this: object) {
          const bound = value.bind(this);
          Object.defineProperty(this, key, { value: bound });
          return bound;
        },
      };
    };
    @Injectable()
    class Mail {
      readonly sent: string[] = [];

      @bind
      @Task('mail.send', { retries: 3 })
      send(to: string) {
        this.sent.push(to);
      }
    }
    @Controller()
    class MailController {
      constructor(private readonly mail: Mail) {}

      @Get()
      handle(@Tasks() tasks: Tasks) {
        const { name, options } = tasks.schedule(this.mail.send, 'ann');
        tasks.of(Mail).send('bob');
        return { name, retries: options.retries };
      }
    }
    const { app, request, tester } = await createApp(platform, {
      providers: [Mail],
      controllers: [MailController],
    });
    const response = await request('/');
    await tester.settled();

    expect(await response.json()).toEqual(DECLARED);
    expect(app.get(Mail).sent).toEqual(['ann', 'bob']);
  });

  describe('of a provider that a test overrides', () => {
    let app: INestApplication | undefined;
    afterEach(() => app?.close());

    async function start(
      { Mail, MailController }: ReturnType<typeof mailApp>,
      override: (builder: TestingModuleBuilder) => TestingModuleBuilder,
    ) {
      const builder = Test.createTestingModule({
        imports: [TasksModule.forRoot({ engine: inProcessEngine() })],
        providers: [Mail],
        controllers: [MailController],
      });
      const module = await override(builder).compile();
      app = module.createNestApplication(platform.adapter(), { logger: false });
      await app.listen(0, '127.0.0.1');
      const tester = TasksTester.for(app);
      const { port } = app.getHttpServer().address() as AddressInfo;
      const response = await fetch(`http://127.0.0.1:${port}`, {
        headers: { connection: 'close' },
      });
      expect(await response.json()).toEqual(DECLARED);
      await tester.waitFor({ name: 'mail.send', status: 'succeeded' });
    }

    it('is recognised on another class', async () => {
      const faked: string[] = [];
      class FakeMail {
        send(to: string) {
          faked.push(to);
        }
      }
      const parts = mailApp();
      await start(parts, (builder) =>
        builder.overrideProvider(parts.Mail).useClass(FakeMail),
      );
      expect(faked).toEqual(['ann']);
      expect(parts.sent).toEqual([]);
    });

    it('is recognised on another class that is request-scoped', async () => {
      const faked: string[] = [];
      @Injectable({ scope: Scope.REQUEST })
      class FakeMail {
        send(to: string) {
          faked.push(to);
        }
      }
      const parts = mailApp();
      await start(parts, (builder) =>
        builder.overrideProvider(parts.Mail).useClass(FakeMail),
      );
      expect(faked).toEqual(['ann']);
    });

    it('is recognised on a value, and on what a factory makes', async () => {
      const send = jest.fn();
      const value = mailApp();
      await start(value, (builder) =>
        builder.overrideProvider(value.Mail).useValue({ send }),
      );
      await app?.close();
      const factory = mailApp();
      await start(factory, (builder) =>
        builder
          .overrideProvider(factory.Mail)
          .useFactory({ factory: () => ({ send }) }),
      );
      expect(send.mock.calls).toEqual([['ann'], ['ann']]);
    });
  });

  describe('of a provider that `instrument` decorates', () => {
    /** Wraps every method of an instance, at each access, or once. */
    function proxied(instance: object, isCached: boolean): object {
      const wrappers = new Map<unknown, Method>();
      return new Proxy(instance, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key);
          if (typeof value !== 'function' || key === 'constructor') {
            return value;
          }
          const made = isCached ? wrappers.get(value) : undefined;
          const wrapper = made ?? traced((value as Method).bind(target), []);
          for (const name of Reflect.getMetadataKeys(value) as unknown[]) {
            const metadata: unknown = Reflect.getMetadata(name, value);
            Reflect.defineMetadata(name, metadata, wrapper);
          }
          wrappers.set(value, wrapper);
          return wrapper;
        },
      });
    }

    const isObject = (instance: unknown) =>
      typeof instance === 'object' && instance !== null;

    it.each([Scope.DEFAULT, Scope.REQUEST])(
      'is named once at bootstrap when it cannot be recognised, scope %s',
      async (scope) => {
        const { sent, Mail, MailController } = mailApp(scope);
        @Controller('of')
        class OfController {
          @Get()
          handle(@Tasks() tasks: Tasks) {
            return { name: tasks.of(Mail).send('bob').name };
          }
        }
        const { request, tester, log } = await createApp(platform, {
          tasks: { engine: inProcessEngine() },
          instrument: {
            instanceDecorator: (instance) =>
              isObject(instance) ? proxied(instance, false) : instance,
          },
          providers: [Mail],
          controllers: [MailController, OfController],
        });
        expect(log.messages('warn')).toEqual([
          expect.stringMatching(
            /References to the declared methods of Mail cannot be recognised.*tasks\.of\(Mail\)/s,
          ),
        ]);
        await request('/');
        expect(await (await request('/of')).json()).toEqual({
          name: 'mail.send',
        });
        await tester.waitFor({ name: 'mail.send', status: 'succeeded' });
        expect(sent).toContain('Mail: bob');
        expect(log.messages('warn')).toHaveLength(1);
      },
    );

    it('is recognised when it is the same at each access', async () => {
      const { sent, Mail, MailController } = mailApp();
      const { request, tester, log } = await createApp(platform, {
        tasks: { engine: inProcessEngine() },
        instrument: {
          instanceDecorator: (instance) =>
            isObject(instance) ? proxied(instance, true) : instance,
        },
        providers: [Mail],
        controllers: [MailController],
      });
      const response = await request('/');
      expect(await response.json()).toEqual(DECLARED);
      await tester.waitFor({ name: 'mail.send', status: 'succeeded' });
      expect(sent).toEqual(['Mail: ann']);
      expect(log.lines).toEqual([]);
    });
  });
});

describe.each(platforms)('a provider that throws over $name', (platform) => {
  /** A Proxy that throws whenever this package reads it; NestJS reads its hooks. */
  function unconnected() {
    const reads: string[] = [];
    const value = new Proxy(
      {},
      {
        get(_target, key) {
          if (!new Error().stack?.includes('/lib/')) return undefined;
          reads.push(String(key));
          throw new Error('not connected');
        },
      },
    );
    return { reads, value };
  }

  it.each(['useValue', 'useFactory'])(
    'is not touched, neither at bootstrap nor later, lazily loaded or not: %s',
    async (kind) => {
      const { reads, value } = unconnected();
      const providerOf = (provide: string | Type): Provider =>
        kind === 'useValue'
          ? { provide, useValue: value }
          : { provide, useFactory: () => value };
      class LazyModule {}
      class Connection {}
      const failed: string[] = [];
      @Controller()
      class FailingController {
        @Get()
        handle(@Tasks() tasks: Tasks) {
          const task = tasks.task({
            onError: ({ name }) => failed.push(name),
          });
          task.schedule(function charge() {
            throw new Error('no');
          });
        }
      }
      const { app, request, tasks, log } = await createApp(platform, {
        providers: [providerOf('DB'), providerOf(Connection)],
        controllers: [FailingController],
      });
      await app.get(LazyModuleLoader).load(() => ({
        module: LazyModule,
        providers: [providerOf('LAZY')],
      }));
      const response = await request('/');
      await tasks.idle();
      tasks.schedule(() => {});
      await tasks.idle();

      expect(response.status).toBe(200);
      expect(failed).toEqual(['charge']);
      expect(reads).toEqual([]);
      expect(log.messages('warn')).toEqual([]);
    },
  );
});
