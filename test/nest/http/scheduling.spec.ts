import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  ForbiddenException,
  Get,
  HttpException,
  Inject,
  Injectable,
  Module,
  Param,
  Res,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type INestApplication,
  type MiddlewareConsumer,
  type NestInterceptor,
  type NestMiddleware,
  type NestModule,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import {
  ContextIdFactory,
  REQUEST,
  type ContextId,
  type ContextIdStrategy,
  type HostComponentInfo,
} from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Tasks, TasksService } from 'nestjs-tasks';
import { of } from 'rxjs';
import {
  closeApps,
  createApp,
  type TestAppOptions,
} from '../../support/create-app.js';
import { platforms } from '../../support/platforms.js';
import { RawClient, type RawResponse } from '../../support/raw-client.js';
import type { AnyResponse } from './response-case.js';
import { IN_ORDER } from './response-case.js';
import { Stage, type JudgedCall } from './stage.js';

afterEach(closeApps);

/** After a guard or pipe rejects, all tasks are judged by the response. */
const REJECTED = ['sent', 'after route', 'after response'];

describe.each(platforms)('over $name', (platform) => {
  interface Visited {
    readonly response: RawResponse;
    readonly judged: JudgedCall[];
    readonly events: readonly string[];
    readonly app: INestApplication;
  }

  /** Sends one request to an application, and returns what happened. */
  async function visit(
    stage: Stage,
    options: TestAppOptions,
    path = '/',
  ): Promise<Visited> {
    const { app, url, tester } = await createApp(platform, {
      ...options,
      async configure(nest) {
        await options.configure?.(nest);
        stage.watch(nest);
      },
    });
    const client = await RawClient.connect(url);
    client.get(path);
    const response = await client.response();
    await stage.over.promise;
    await tester.settled();
    client.close();
    return { response, judged: stage.judged(), events: stage.events, app };
  }

  function judged(
    afterRoute: string,
    afterResponse: string,
    statusCode: number,
  ): JudgedCall[] {
    const response = { statusCode, delivered: true };
    return [{ afterRoute, afterResponse, response }];
  }

  /** A controller whose handler schedules nothing. */
  function bareController(stage: Stage, decorators: MethodDecorator[]): Type {
    class BareController {
      handle(): string {
        stage.note('handler');
        return 'value';
      }
    }
    Controller()(BareController);
    const { prototype } = BareController;
    Reflect.decorate([...decorators, Get()], prototype, 'handle', {
      ...Object.getOwnPropertyDescriptor(prototype, 'handle'),
    });
    return BareController;
  }

  it('a guard schedules, and the handler is the route', async () => {
    const stage = new Stage();
    @Injectable()
    class SchedulingGuard implements CanActivate {
      constructor(private readonly tasks: TasksService) {}

      canActivate(): boolean {
        stage.schedule(this.tasks);
        return true;
      }
    }

    const visited = await visit(stage, {
      controllers: [bareController(stage, [UseGuards(SchedulingGuard)])],
    });

    expect(visited.response.body).toBe('value');
    expect(visited.judged).toEqual(judged('success', 'success', 200));
    expect(visited.events).toEqual(IN_ORDER);
  });

  it('a guard schedules and rejects: the final status judges', async () => {
    const stage = new Stage();
    @Injectable()
    class RejectingGuard implements CanActivate {
      constructor(private readonly tasks: TasksService) {}

      async canActivate(): Promise<boolean> {
        stage.schedule(this.tasks);
        await Promise.resolve();
        return false;
      }
    }

    const visited = await visit(stage, {
      controllers: [bareController(stage, [UseGuards(RejectingGuard)])],
    });

    expect(visited.judged).toEqual(judged('failure', 'failure', 403));
    expect(visited.events).toEqual(REJECTED);
  });

  it('a guard schedules and rejects, and a filter recovers: the final status judges', async () => {
    const stage = new Stage();
    @Injectable()
    class RejectingGuard implements CanActivate {
      constructor(private readonly tasks: TasksService) {}

      canActivate(): boolean {
        stage.schedule(this.tasks);
        throw new ForbiddenException();
      }
    }
    const filter: ExceptionFilter = {
      catch(_error: unknown, host: ArgumentsHost) {
        const response: AnyResponse = host.switchToHttp().getResponse();
        response.status(200).send('recovered');
      },
    };

    const visited = await visit(stage, {
      controllers: [bareController(stage, [UseGuards(RejectingGuard)])],
      configure: (app) => app.useGlobalFilters(filter),
    });

    expect(visited.response.body).toBe('recovered');
    expect(visited.judged).toEqual(judged('success', 'success', 200));
  });

  it('a pipe schedules and rejects: the final status judges', async () => {
    const stage = new Stage();
    @Injectable()
    class RejectingPipe implements PipeTransform {
      constructor(private readonly tasks: TasksService) {}

      transform(): never {
        stage.schedule(this.tasks);
        throw new HttpException('no', 422);
      }
    }
    @Controller()
    class PipedController {
      @Get(':id')
      @UsePipes(RejectingPipe)
      handle(@Param('id') id: string) {
        return id;
      }
    }

    const visited = await visit(
      stage,
      { controllers: [PipedController] },
      '/1',
    );

    expect(visited.response.status).toBe(422);
    expect(visited.judged[0]).toMatchObject({
      afterResponse: 'failure',
      response: { statusCode: 422, delivered: true },
    });
  });

  it('an interceptor schedules and answers from a cache: there is no route but the response', async () => {
    const stage = new Stage();
    @Injectable()
    class CachingInterceptor implements NestInterceptor {
      constructor(private readonly tasks: TasksService) {}

      intercept(_context: unknown, _next: CallHandler) {
        stage.schedule(this.tasks);
        return of('cached');
      }
    }

    const visited = await visit(stage, {
      controllers: [
        bareController(stage, [UseInterceptors(CachingInterceptor)]),
      ],
    });

    expect(visited.response.body).toBe('cached');
    expect(visited.judged).toEqual(judged('success', 'success', 200));
    expect(visited.events).toEqual(REJECTED);
  });

  it('a request-scoped filter schedules: the status that it sends judges', async () => {
    const stage = new Stage();
    @Injectable({ scope: Scope.REQUEST })
    class SchedulingFilter implements ExceptionFilter {
      constructor(private readonly tasks: TasksService) {}

      catch(_error: unknown, host: ArgumentsHost) {
        stage.schedule(this.tasks);
        const response: AnyResponse = host.switchToHttp().getResponse();
        response.status(503).send('filtered');
      }
    }
    @Controller()
    class FailingController {
      constructor(readonly tasks: TasksService) {}

      @Get()
      handle() {
        throw new Error('no');
      }
    }
    UseFilters(SchedulingFilter)(FailingController);

    const visited = await visit(stage, { controllers: [FailingController] });

    expect(visited.response.status).toBe(503);
    expect(visited.judged[0]).toMatchObject({
      afterResponse: 'failure',
      response: { statusCode: 503, delivered: true },
    });
  });

  it('middleware that is request-scoped schedules for the response, and is refused on Fastify, where it gets the raw request', async () => {
    const stage = new Stage();
    const refusals: unknown[] = [];
    @Injectable()
    class SchedulingMiddleware implements NestMiddleware {
      constructor(private readonly tasks: TasksService) {}

      use(_request: unknown, _response: unknown, next: () => void) {
        try {
          stage.schedule(this.tasks);
        } catch (error) {
          refusals.push(error);
        }
        next();
      }
    }
    const Bare = bareController(stage, []);
    @Module({ controllers: [Bare] })
    class FeatureModule implements NestModule {
      configure(consumer: MiddlewareConsumer) {
        consumer.apply(SchedulingMiddleware).forRoutes(Bare);
      }
    }

    const visited = await visit(stage, { imports: [FeatureModule] });

    expect(visited.response.body).toBe('value');
    if (platform.name === 'Fastify') {
      expect(refusals).toMatchObject([
        {
          code: 'TASK_SCOPE_MISSING',
          message: expect.stringContaining('Use a guard'),
        },
      ]);
      expect(visited.judged).toEqual([]);
    } else {
      expect(refusals).toEqual([]);
      expect(visited.judged).toEqual(judged('success', 'success', 200));
    }
  });

  it('functional and class middleware do not affect the tasks of the handler', async () => {
    const stage = new Stage();
    @Injectable()
    class PlainMiddleware implements NestMiddleware {
      use(_request: unknown, _response: unknown, next: () => void) {
        stage.note('class');
        next();
      }
    }
    @Controller()
    class PlainController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        return stage.noteEnd(() => stage.schedule(tasks));
      }
    }
    @Module({ controllers: [PlainController] })
    class FeatureModule implements NestModule {
      configure(consumer: MiddlewareConsumer) {
        consumer
          .apply((_request: unknown, _response: unknown, next: () => void) => {
            stage.note('function');
            next();
          }, PlainMiddleware)
          .forRoutes(PlainController);
      }
    }

    const visited = await visit(stage, { imports: [FeatureModule] });

    expect(visited.judged).toEqual(judged('success', 'success', 200));
    expect(visited.events).toEqual(['function', 'class', ...IN_ORDER]);
  });

  it('a handler schedules when its response has been sent', async () => {
    const stage = new Stage();
    @Controller()
    class LateController {
      @Get()
      handle(@Res() response: AnyResponse, @Tasks() tasks: Tasks) {
        return stage.noteEnd(async () => {
          response.send('sent');
          await stage.over.promise;
          stage.schedule(tasks);
        });
      }
    }

    const visited = await visit(stage, { controllers: [LateController] });

    expect(visited.judged).toEqual(judged('success', 'success', 200));
    expect(visited.events).toEqual([
      'sent',
      'handler',
      'after route',
      'after response',
    ]);
  });

  it('a provider deep in the tree of a request-scoped controller shares the scope of its handler', async () => {
    const stage = new Stage();
    @Injectable()
    class Deepest {
      constructor(readonly tasks: TasksService) {}
    }
    @Injectable()
    class Deep {
      constructor(readonly deepest: Deepest) {}
    }
    @Controller()
    class DeepController {
      constructor(private readonly deep: Deep) {}

      @Get()
      handle(@Tasks() tasks: Tasks) {
        return stage.noteEnd(() => {
          stage.schedule(this.deep.deepest.tasks);
          return String(tasks.afterResponse.cancel('0 afterResponse always'));
        });
      }
    }

    const visited = await visit(stage, {
      controllers: [DeepController],
      providers: [Deepest, Deep],
    });

    expect(visited.response.body).toBe('1');
    expect(visited.judged).toMatchObject([{ afterRoute: 'success' }]);
  });

  it('a durable provider is refused, because it belongs to no request', async () => {
    const stage = new Stage();
    const tenants: ContextId[] = [];
    class ByTenant implements ContextIdStrategy {
      attach(contextId: ContextId, _request: unknown) {
        const tenant: ContextId = (tenants[0] ??= ContextIdFactory.create());
        return {
          resolve: (info: HostComponentInfo) =>
            info.isTreeDurable ? tenant : contextId,
          payload: { tenant: 'one' },
        };
      }
    }
    @Injectable({ scope: Scope.REQUEST, durable: true })
    class Durable {
      constructor(
        @Inject(REQUEST) readonly request: object,
        readonly tasks: TasksService,
      ) {}
    }
    @Controller({ scope: Scope.REQUEST, durable: true })
    class DurableController {
      constructor(private readonly durable: Durable) {}

      @Get()
      handle() {
        try {
          stage.schedule(this.durable.tasks);
        } catch (error) {
          return Object.assign({}, error, { message: String(error) });
        }
        return 'scheduled';
      }
    }
    ContextIdFactory.apply(new ByTenant());

    try {
      const visited = await visit(stage, {
        controllers: [DurableController],
        providers: [Durable],
      });

      expect(visited.response.body).toContain('TASK_SCOPE_MISSING');
      expect(visited.judged).toEqual([]);
    } finally {
      const byRequest: ContextIdStrategy = { attach: (id) => () => id };
      ContextIdFactory.apply(byRequest);
    }
  });

  it('an unknown route and a static file open no scope', async () => {
    const stage = new Stage();
    const opened: unknown[] = [];
    const root = fileURLToPath(new URL('./views', import.meta.url));
    const { app, url, tester } = await createApp(platform, {
      controllers: [bareController(stage, [])],
      tasks: {
        observers: [(event) => void opened.push(event)],
        waitUntil: (promise) => void opened.push(promise),
      },
      configure(nest) {
        if (platform.name === 'Express') {
          (nest as NestExpressApplication).useStaticAssets(root);
        } else {
          // The plugin for static files cannot be loaded under Jest on Node 20.
          (nest as NestFastifyApplication)
            .getHttpAdapter()
            .getInstance()
            .get('/page.hbs', () => readFileSync(`${root}/page.hbs`, 'utf8'));
        }
        stage.watch(nest);
      },
    });
    const client = await RawClient.connect(url);

    client.get('/page.hbs');
    expect((await client.response()).body).toBe('Hello, {{name}}!');
    client.get('/unknown');
    expect((await client.response()).status).toBe(404);

    client.close();
    await tester.settled();
    expect(opened).toEqual([]);
    expect(app).toBeDefined();
  });
});
