import { afterEach, describe, expect, it } from '@jest/globals';
import {
  BadRequestException,
  Catch,
  ConflictException,
  Controller,
  ForbiddenException,
  Get,
  HttpCode,
  Injectable,
  Param,
  Redirect,
  Res,
  UseFilters,
  UseGuards,
  UseInterceptors,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type NestInterceptor,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import {
  TasksService,
  Tasks,
  type RunOn,
  type Task,
  type TaskOutcome,
} from 'nestjs-tasks';
import { map } from 'rxjs';
import {
  closeApps,
  createApp,
  type ClientRequest,
} from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import { RawClient } from '../support/raw-client.js';

afterEach(closeApps);

const RUN_ON: readonly RunOn[] = ['success', 'failure', 'always'];

/** What became of a task of each kind in each phase: `success`, `failure`, `always`. */
interface Outcomes {
  readonly afterRoute: string;
  readonly afterResponse: string;
}

/** Schedules a task of each kind in both phases; tells what became of them. */
class Probe {
  readonly #tasks: Task[] = [];

  schedule(tasks: Tasks): void {
    for (const phase of ['afterRoute', 'afterResponse'] as const) {
      for (const runOn of RUN_ON) {
        this.#tasks.push(tasks[phase].task({ runOn }).schedule(() => phase));
      }
    }
  }

  async outcomes(): Promise<Outcomes> {
    const settled = await Promise.all(
      this.#tasks.map((task) => task.settled()),
    );
    const show = (outcomes: TaskOutcome[]) =>
      outcomes.map(({ status }) => (status === 'succeeded' ? 'ran' : status));
    return {
      afterRoute: show(settled.slice(0, 3)).join(' '),
      afterResponse: show(settled.slice(3)).join(' '),
    };
  }

  get responses(): unknown[] {
    return this.#tasks.slice(3).map((task) => task.response);
  }
}

const SUCCESS = 'ran skipped ran';
const FAILURE = 'skipped ran ran';

interface AnyResponse {
  status(code: number): { send(body: string): unknown };
}

@Injectable()
class LateFailure implements NestInterceptor {
  intercept(_context: unknown, next: CallHandler) {
    return next.handle().pipe(
      map(() => {
        throw new ConflictException();
      }),
    );
  }
}

@Catch(BadRequestException)
class Recovering implements ExceptionFilter {
  constructor(private readonly host: HttpAdapterHost) {}

  catch(_error: unknown, host: ArgumentsHost) {
    const response: unknown = host.switchToHttp().getResponse();
    this.host.httpAdapter.reply(response, 'recovered', 200);
  }
}

describe.each(platforms)('the outcome of a route over $name', (platform) => {
  async function probe(
    path: string,
    init?: ClientRequest,
  ): Promise<Outcomes & { status: number; responses: unknown[] }> {
    const probed = new Probe();
    @Controller()
    class OutcomeController {
      @Get('value')
      value(@Tasks() tasks: Tasks) {
        probed.schedule(tasks);
        return 'value';
      }
      @Get('throws')
      throws(@Tasks() tasks: Tasks) {
        probed.schedule(tasks);
        throw new ConflictException();
      }
      @Get('status-decorator')
      @HttpCode(404)
      decorated(@Tasks() tasks: Tasks) {
        probed.schedule(tasks);
      }
      @Get('status-set')
      set(
        @Res({ passthrough: true }) response: AnyResponse,
        @Tasks() tasks: Tasks,
      ) {
        probed.schedule(tasks);
        response.status(404);
      }
      @Get('redirect')
      @Redirect('/elsewhere')
      redirect(@Tasks() tasks: Tasks) {
        probed.schedule(tasks);
      }
      @Get('no-content')
      @HttpCode(204)
      noContent(@Tasks() tasks: Tasks) {
        probed.schedule(tasks);
      }
      @Get('not-modified')
      @HttpCode(304)
      notModified(@Tasks() tasks: Tasks) {
        probed.schedule(tasks);
      }
      @Get('recovered')
      @UseFilters(Recovering)
      recovered(@Tasks() tasks: Tasks) {
        probed.schedule(tasks);
        throw new BadRequestException();
      }
      @Get('late-failure')
      @UseInterceptors(LateFailure)
      lateFailure(@Tasks() tasks: Tasks) {
        probed.schedule(tasks);
        return 'value';
      }
      @Get('sent-then-throws')
      async sentThenThrows(
        @Res() response: AnyResponse,
        @Tasks() tasks: Tasks,
      ) {
        probed.schedule(tasks);
        response.status(200).send('sent');
        await new Promise((resolve) => setImmediate(resolve));
        throw new Error('too late');
      }
      @Get('pipe/:n')
      pipe(
        @Tasks() tasks: Tasks,
        @Param('n', {
          transform: () => {
            throw new BadRequestException();
          },
        })
        _n: number,
      ) {
        probed.schedule(tasks);
      }
    }
    const { request, tasks } = await createApp(platform, {
      controllers: [OutcomeController],
    });
    const response = await request(path, { redirect: 'manual', ...init });
    await response.text();
    await tasks.idle();
    return {
      status: response.status,
      ...(await probed.outcomes()),
      responses: probed.responses,
    };
  }

  it.each([
    {
      path: '/value',
      status: 200,
      afterRoute: SUCCESS,
      afterResponse: SUCCESS,
    },
    {
      path: '/throws',
      status: 409,
      afterRoute: FAILURE,
      afterResponse: FAILURE,
    },
    {
      path: '/status-decorator',
      status: 404,
      afterRoute: FAILURE,
      afterResponse: FAILURE,
    },
    {
      path: '/status-set',
      status: 404,
      afterRoute: FAILURE,
      afterResponse: FAILURE,
    },
    {
      path: '/redirect',
      status: 302,
      afterRoute: SUCCESS,
      afterResponse: SUCCESS,
    },
    {
      path: '/no-content',
      status: 204,
      afterRoute: SUCCESS,
      afterResponse: SUCCESS,
    },
    {
      path: '/not-modified',
      status: 304,
      afterRoute: SUCCESS,
      afterResponse: SUCCESS,
    },
    {
      path: '/recovered',
      status: 200,
      afterRoute: FAILURE,
      afterResponse: SUCCESS,
    },
    {
      path: '/late-failure',
      status: 409,
      afterRoute: SUCCESS,
      afterResponse: FAILURE,
    },
    {
      path: '/sent-then-throws',
      status: 200,
      afterRoute: FAILURE,
      afterResponse: FAILURE,
    },
  ])(
    'is judged for $path ($status)',
    async ({ path, status, afterRoute, afterResponse }) => {
      expect(await probe(path)).toEqual({
        status,
        afterRoute,
        afterResponse,
        responses: Array(3).fill({ statusCode: status, delivered: true }),
      });
    },
  );

  it('is judged for HEAD like for GET', async () => {
    const judged = await probe('/value', { method: 'HEAD' });

    expect(judged).toMatchObject({
      afterRoute: SUCCESS,
      afterResponse: SUCCESS,
    });
  });

  it('is a failure when a pipe refuses, and the handler schedules nothing', async () => {
    expect(await probe('/pipe/1')).toMatchObject({
      status: 400,
      responses: [],
    });
  });

  it('leaves immediate tasks alone when the handler throws', async () => {
    const ran: string[] = [];
    @Controller()
    class ThrowingController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.schedule(() => void ran.push('immediate'));
        throw new ConflictException();
      }
    }
    const { request, tasks } = await createApp(platform, {
      controllers: [ThrowingController],
    });

    await request('/');
    await tasks.idle();

    expect(ran).toEqual(['immediate']);
  });

  it('is that of the response when a guard rejects after it scheduled', async () => {
    const probed = new Probe();
    @Injectable()
    class SchedulingGuard implements CanActivate {
      constructor(private readonly tasks: TasksService) {}

      canActivate(): boolean {
        probed.schedule(this.tasks);
        throw new ForbiddenException();
      }
    }
    @Controller()
    class GuardedController {
      @Get()
      @UseGuards(SchedulingGuard)
      handle() {
        return 'never';
      }
    }
    const { request, tasks } = await createApp(platform, {
      controllers: [GuardedController],
    });

    expect((await request('/')).status).toBe(403);
    await tasks.idle();

    expect(await probed.outcomes()).toEqual({
      afterRoute: FAILURE,
      afterResponse: FAILURE,
    });
  });

  it('is that of the handler when the client has gone before, and tells that nothing was delivered', async () => {
    const probed = new Probe();
    const entered = deferred();
    const gone = deferred();
    @Controller()
    class AbandonedController {
      @Get()
      async handle(
        @Res({ passthrough: true }) response: { raw?: NodeJS.EventEmitter },
        @Tasks() tasks: Tasks,
      ) {
        probed.schedule(tasks);
        const raw = response.raw ?? (response as NodeJS.EventEmitter);
        raw.once('close', gone.resolve);
        entered.resolve();
        await gone.promise;
        return 'value';
      }
    }
    const { url, tasks } = await createApp(platform, {
      controllers: [AbandonedController],
    });
    const client = await RawClient.connect(url);

    client.get('/');
    await entered.promise;
    client.hangUp();
    await gone.promise;
    await tasks.idle();

    expect(await probed.outcomes()).toEqual({
      afterRoute: SUCCESS,
      afterResponse: SUCCESS,
    });
    expect(probed.responses).toEqual(
      Array(3).fill({ statusCode: 200, delivered: false }),
    );
  });

  it('fails with the error of a required task', async () => {
    const ran: string[] = [];
    @Controller()
    class RequiredController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.afterRoute.task({ required: true }).schedule(async () => {
          throw new ConflictException('taken');
        });
        const note = (what: string) => void ran.push(what);
        tasks.afterResponse
          .task({ runOn: 'failure' })
          .schedule(note, 'failure');
        tasks.afterResponse.schedule(note, 'success');
        return 'value';
      }
    }
    const { request, tasks } = await createApp(platform, {
      controllers: [RequiredController],
    });

    const response = await request('/');
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ message: 'taken' });
    await tasks.idle();

    expect(ran).toEqual(['failure']);
  });

  it('fails with the error of the handler when a required task failed too', async () => {
    @Controller()
    class BothController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.afterRoute
          .task({ required: true, runOn: 'always' })
          .schedule(async () => {
            throw new ConflictException();
          });
        throw new BadRequestException();
      }
    }
    const { request } = await createApp(platform, {
      controllers: [BothController],
    });

    expect((await request('/')).status).toBe(400);
  });
});
