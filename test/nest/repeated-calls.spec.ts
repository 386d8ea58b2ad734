import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  Injectable,
  UseInterceptors,
  type CallHandler,
  type NestInterceptor,
  type Type,
} from '@nestjs/common';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { MessagePattern } from '@nestjs/microservices';
import { SubscribeMessage } from '@nestjs/websockets';
import { retry, timeout } from 'rxjs';
import { currentTasks, Tasks, TasksService, type Task } from 'nestjs-tasks';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';
import { platforms } from '../support/platforms.js';
import {
  closeMessageApps,
  messageTransports,
} from './transports/message-transports.js';

afterEach(closeApps);
afterEach(closeMessageApps);

class Retrying implements NestInterceptor {
  intercept(_context: unknown, next: CallHandler) {
    return next.handle().pipe(retry(2));
  }
}

class RetryingLater implements NestInterceptor {
  intercept(_context: unknown, next: CallHandler) {
    return next.handle().pipe(retry({ count: 2, delay: 5 }));
  }
}

const KINDS = (['afterRoute', 'afterResponse'] as const).flatMap((phase) =>
  (['success', 'failure'] as const).map((runOn) => ({ phase, runOn })),
);

/** What was scheduled by each call of a handler, in the order of {@link KINDS}. */
class Calls {
  readonly #calls: Task[][] = [];

  get count(): number {
    return this.#calls.length;
  }

  schedule(tasks: Tasks): void {
    this.#calls.push(
      KINDS.map(({ phase, runOn }) =>
        tasks[phase].task({ runOn }).schedule(async () => turn()),
      ),
    );
  }

  /** Schedules, and fails in the first two calls. */
  async handle(tasks: Tasks, value: unknown = '<value>'): Promise<unknown> {
    this.schedule(tasks);
    await turn();
    if (this.count < 3) throw new Error('not yet');
    return value;
  }

  /** The kinds of tasks that ran, for each call. */
  ran(): Promise<string[]> {
    return Promise.all(this.#calls.map((_, call) => this.ranOf(call)));
  }

  async ranOf(call: number): Promise<string> {
    const tasks = this.#calls[call] ?? [];
    const outcomes = await Promise.all(tasks.map((task) => task.settled()));
    return KINDS.filter((_, at) => outcomes[at]?.status === 'succeeded')
      .map(({ phase, runOn }) => `${phase} ${runOn}`)
      .join(', ');
  }
}

const FAILED = 'afterRoute failure, afterResponse failure';
const SUCCEEDED = 'afterRoute success, afterResponse success';

/** The ways to the tasks of a call, as `method(tasks?)`. */
function handlers(
  calls: Calls,
  decorators: MethodDecorator[],
  value?: unknown,
): Type[] {
  const decorate = (type: Type) => {
    for (const decorator of decorators) {
      const descriptor = Object.getOwnPropertyDescriptor(
        type.prototype,
        'handle',
      );
      decorator(type.prototype as object, 'handle', descriptor!);
    }
    return type;
  };

  class WithDecorator {
    handle(@Tasks() tasks: Tasks) {
      return calls.handle(tasks, value);
    }
  }

  @Injectable()
  class WithService {
    constructor(private readonly tasks: TasksService) {}

    handle() {
      return calls.handle(this.tasks, value);
    }
  }

  class WithCurrentTasks {
    handle() {
      return calls.handle(currentTasks(), value);
    }
  }
  return [WithDecorator, WithService, WithCurrentTasks].map(decorate);
}

const ways = ['@Tasks()', 'TasksService', 'currentTasks()'].map(
  (way, index) => ({ way, index }),
);

describe.each(platforms)(
  'a handler that is called again, over $name',
  (platform) => {
    it.each(ways)(
      'is judged call by call, with $way',
      async ({ index, way }) => {
        const calls = new Calls();
        const type = handlers(calls, [Get(), UseInterceptors(Retrying)])[
          index
        ]!;
        Controller()(type);
        const { request, tester } = await createApp(platform, {
          controllers: [type],
          tasks: { ambient: way === 'currentTasks()' },
        });

        const response = await request('/');
        expect([response.status, await response.text()]).toEqual([
          200,
          '<value>',
        ]);
        await tester.settled();

        expect(await calls.ran()).toEqual([FAILED, FAILED, SUCCEEDED]);
      },
    );

    it('has failed in a call whose required task failed', async () => {
      const calls = new Calls();
      @Controller()
      class TestController {
        @Get()
        @UseInterceptors(Retrying)
        handle(@Tasks() tasks: Tasks) {
          calls.schedule(tasks);
          const isLast = calls.count === 3;
          tasks.afterRoute.task({ required: true }).schedule(() => {
            if (!isLast) throw new Error('not yet');
          });
          return 'value';
        }
      }
      const { request, tester } = await createApp(platform, {
        controllers: [TestController],
      });

      expect((await request('/')).status).toBe(200);
      await tester.settled();

      expect(await calls.ran()).toEqual([
        'afterRoute success, afterResponse failure',
        'afterRoute success, afterResponse failure',
        SUCCEEDED,
      ]);
    });

    it('does not make the last call wait for one that was given up', async () => {
      const calls = new Calls();
      const never = deferred();
      @Controller()
      class TestController {
        @Get()
        @UseInterceptors({
          intercept: (_context: unknown, next: CallHandler) =>
            next.handle().pipe(timeout(20), retry(1)),
        })
        async handle(@Tasks() tasks: Tasks) {
          calls.schedule(tasks);
          if (calls.count === 1) await never.promise;
          return 'value';
        }
      }
      const { request, tester } = await createApp(platform, {
        controllers: [TestController],
      });

      expect((await request('/')).status).toBe(200);
      expect(await calls.ranOf(1)).toBe(SUCCEEDED);
      never.resolve();
      await tester.settled();
      expect(await calls.ranOf(0)).toBe(SUCCEEDED);
    });

    it('is judged call by call in GraphQL, where the response does not show an error', async () => {
      const calls = new Calls();
      @Resolver()
      class TestResolver {
        @Query(() => String)
        @UseInterceptors(Retrying)
        value(@Tasks() tasks: Tasks) {
          return calls.handle(tasks);
        }
      }
      const { request, tester } = await createApp(platform, {
        imports: [
          GraphQLModule.forRoot<ApolloDriverConfig>({
            driver: ApolloDriver,
            autoSchemaFile: true,
          }),
        ],
        providers: [TestResolver],
      });

      const response = await request('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ value }' }),
      });
      expect(await response.json()).toEqual({ data: { value: '<value>' } });
      await tester.settled();

      expect(await calls.ran()).toEqual([FAILED, FAILED, SUCCEEDED]);
    });
  },
);

const overMessages = messageTransports.filter(
  ({ name }) =>
    name === 'TCP' || name.startsWith('WebSocket') || name.includes('acks'),
);

describe.each(overMessages)(
  'a handler that is called again, over $name',
  (transport) => {
    const cases = ways
      // What Nest calls the request there is the whole connection.
      .filter(({ way }) => transport.kind === 'rpc' || way !== 'TasksService')
      .flatMap((way) => [
        { ...way, when: 'at once', interceptor: Retrying },
        { ...way, when: 'later', interceptor: RetryingLater },
      ]);

    it.each(cases)(
      'is judged call by call, with $way, $when',
      async ({ index, way, interceptor }) => {
        const calls = new Calls();
        const type = handlers(
          calls,
          [
            MessagePattern('ask'),
            SubscribeMessage('ask'),
            UseInterceptors(interceptor),
          ],
          transport.reply('<value>'),
        )[index]!;
        const app = await transport.open({
          handlers: [type],
          tasks: { ambient: way === 'currentTasks()' },
        });

        const answer = await app.ask('ask', 1, { count: 1 });
        expect(answer).toEqual({ values: ['<value>'] });
        await app.tester.settled();

        expect(await calls.ran()).toEqual([FAILED, FAILED, SUCCEEDED]);
      },
    );
  },
);
