import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ConflictException,
  Controller,
  Get,
  Injectable,
  UseInterceptors,
  type CallHandler,
  type Type,
} from '@nestjs/common';
import { Implement, implement, ORPCModule } from '@orpc/nest';
import { oc } from '@orpc/contract';
import { initContract } from '@ts-rest/core';
import { TsRestHandler, tsRestHandler } from '@ts-rest/nest';
import { mergeMap } from 'rxjs';
import { currentTasks, Tasks, TasksService } from 'nestjs-tasks';
import { closeApps, createApp } from '../support/create-app.js';
import { turn } from '../support/manual-clock.js';
import { platforms, type Platform } from '../support/platforms.js';

afterEach(closeApps);

const c = initContract();
const restContract = c.router({
  create: {
    method: 'POST',
    path: '/create',
    body: c.noBody(),
    responses: { 201: c.type<string>() },
  },
});
const orpcContract = {
  create: oc.route({ method: 'POST', path: '/create', successStatus: 201 }),
};

const order: string[] = [];
const note = (what: string) => void order.push(what);

/** What the implementation of a contract does, with the tasks of its request. */
async function create(tasks: Tasks, fails: boolean): Promise<string> {
  tasks.afterResponse.schedule(note, 'after response');
  tasks.afterRoute.schedule(async () => {
    await turn();
    note('after route');
  });
  await turn();
  tasks.afterRoute.task({ required: true }).schedule(() => {
    if (fails) throw new ConflictException();
  });
  note('implementation');
  return 'created';
}

/** The controllers of a library, for each way to the tasks. */
function controllers(library: string, fails: boolean): Record<string, Type> {
  const run = async (tasks: () => Tasks) => create(tasks(), fails);
  // Its types are those of an older zod than the one that is installed.
  const responding = (tasks: () => Tasks) =>
    (async () => ({ status: 201, body: await run(tasks) })) as never;
  const kinds = {
    'a function of ts-rest': {
      decorator: TsRestHandler(restContract.create),
      result: (tasks: () => Tasks) =>
        tsRestHandler(restContract.create, responding(tasks)),
    },
    'an object of functions of ts-rest': {
      decorator: TsRestHandler(restContract),
      result: (tasks: () => Tasks) =>
        tsRestHandler(restContract, { create: responding(tasks) }),
    },
    'a procedure of oRPC': {
      decorator: Implement(orpcContract.create) as MethodDecorator,
      result: (tasks: () => Tasks) =>
        implement(orpcContract.create).handler(() => run(tasks)),
    },
    'a router of oRPC': {
      decorator: Implement(orpcContract) as MethodDecorator,
      result: (tasks: () => Tasks) => {
        const os = implement(orpcContract);
        return os.router({
          create: os.create.handler(() => run(tasks)),
        });
      },
    },
  };
  const { decorator, result } = kinds[library as keyof typeof kinds];

  @Controller()
  class WithDecorator {
    @decorator
    handle(@Tasks() tasks: Tasks) {
      return result(() => tasks);
    }
  }

  @Injectable()
  @Controller()
  class WithService {
    constructor(private readonly tasks: TasksService) {}

    @decorator
    handle() {
      return result(() => this.tasks);
    }
  }

  @Controller()
  class WithCurrentTasks {
    @decorator
    async handle() {
      await turn();
      return result(currentTasks);
    }
  }
  return {
    '@Tasks()': WithDecorator,
    TasksService: WithService,
    'currentTasks()': WithCurrentTasks,
  };
}

const libraries = [
  'a function of ts-rest',
  'an object of functions of ts-rest',
  'a procedure of oRPC',
  'a router of oRPC',
];
const cases = libraries.flatMap((library) =>
  ['@Tasks()', 'TasksService', 'currentTasks()'].flatMap((way) =>
    [false, true].map((fails) => ({ library, way, fails })),
  ),
);

function open(platform: Platform, type: Type) {
  order.length = 0;
  return createApp(platform, {
    imports: [ORPCModule.forRoot({})],
    controllers: [type],
    tasks: { ambient: true },
  });
}

describe.each(platforms)('a handler over $name that returns', (platform) => {
  it.each(cases)(
    '$library ends when that has been called, with $way (a required task fails: $fails)',
    async ({ library, way, fails }) => {
      const { request, tester } = await open(
        platform,
        controllers(library, fails)[way]!,
      );

      const response = await request('/create', { method: 'POST' });
      await tester.settled();

      if (fails) expect(response.status).toBeGreaterThanOrEqual(409);
      else expect(response.status).toBe(201);
      expect(order).toEqual([
        'implementation',
        'after route',
        ...(fails ? [] : ['after response']),
      ]);
    },
  );

  it('a function that an interceptor calls twice, or not at all, ends with its calls or the response', async () => {
    const settled: string[] = [];
    const scheduled = (tasks: Tasks, name: string) =>
      tasks.afterResponse.schedule(() => void settled.push(name));
    @Controller()
    class TestController {
      @Get('twice')
      @UseInterceptors({
        intercept: (_context: unknown, next: CallHandler<() => unknown>) =>
          next.handle().pipe(
            mergeMap(async (fn) => {
              await fn();
              return fn();
            }),
          ),
      })
      twice(@Tasks() tasks: Tasks) {
        return () => {
          scheduled(tasks, 'called');
          return 'value';
        };
      }

      @Get('never')
      @UseInterceptors({
        intercept: (_context: unknown, next: CallHandler) =>
          next.handle().pipe(mergeMap(async () => 'value')),
      })
      never(@Tasks() tasks: Tasks) {
        scheduled(tasks, 'not called');
        return () => 'never';
      }
    }
    const { request, tester } = await open(platform, TestController);

    expect((await request('/twice')).status).toBe(200);
    expect((await request('/never')).status).toBe(200);
    await tester.settled();

    expect(settled).toEqual(['called', 'called', 'not called']);
  });
});
