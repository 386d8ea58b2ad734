import type { AddressInfo, Server } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Controller } from '@nestjs/common';
import {
  ClientProxyFactory,
  MessagePattern,
  RpcException,
  Transport,
  type ClientProxy,
} from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { AppTasks, Tasks, TasksModule, type DurableEngine } from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { TasksTester, TasksTestingModule } from 'nestjs-tasks/testing';
import { firstValueFrom, from, lastValueFrom } from 'rxjs';
import { turn } from '../support/manual-clock.js';
import { modes, type Mode } from './tested-app.js';

const none = { succeeded: 0, failed: 0, skipped: 0, dropped: 0, errors: [] };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function testingModule(mode: Mode, controllers: (new () => object)[] = []) {
  const builder = Test.createTestingModule({
    imports: [TasksModule.forRoot()],
    controllers,
  });
  if (mode === 'real') return builder.compile();
  return builder
    .overrideModule(TasksModule)
    .useModule(TasksTestingModule.forRoot({ mode }))
    .compile();
}

describe.each(modes)('without a server, %s', (mode) => {
  async function createContext() {
    const module = await testingModule(mode);
    await module.init();
    closing.push(() => module.close());
    const tester = TasksTester.for(module);
    return { tester, tasks: module.get(AppTasks), module };
  }

  it('runs the tasks that AppTasks schedules', async () => {
    const { tester, tasks } = await createContext();
    const task = tasks.schedule((a, b) => a + b, 1, 2);
    await turn();
    expect(task.status).toBe(mode === 'manual' ? 'scheduled' : 'succeeded');

    expect(await tester.drain()).toEqual({ ...none, succeeded: 1 });
    expect(await task.settled()).toEqual({ status: 'succeeded', value: 3 });
  });

  it('runs the tasks of a scope in their phases', async () => {
    const { tester, tasks } = await createContext();
    const order: string[] = [];
    await tasks.runInScope((scoped) => {
      scoped.afterResponse.schedule(async () => {
        await turn();
        order.push('after the response');
      });
      scoped.afterRoute.schedule(async () => {
        await turn();
        order.push('after the route');
      });
      scoped.afterRoute.task({ runOn: 'failure' }).schedule(() => {});
      scoped.schedule(() => order.push('immediate'));
    });
    order.push('unit of work');

    expect(await tester.drain()).toEqual({ ...none, succeeded: 3, skipped: 1 });
    expect(order).toEqual(
      {
        real: [
          'immediate',
          'after the route',
          'unit of work',
          'after the response',
        ],
        manual: [
          'unit of work',
          'immediate',
          'after the route',
          'after the response',
        ],
        inline: [
          'immediate',
          'after the route',
          'after the response',
          'unit of work',
        ],
      }[mode],
    );
  });

  it('runs tasks that are scheduled in reaction to the end of a task', async () => {
    const { tester, tasks } = await createContext();
    const first = tasks.schedule(() => {});
    const chained = async () => {
      await first.settled();
      for (let hop = 0; hop < 50; hop += 1) await Promise.resolve();
      tasks.schedule(() => {});
    };
    const scheduled = chained();
    if (mode !== 'manual') await scheduled;

    expect(await tester.drain()).toEqual({ ...none, succeeded: 2 });
  });

  it('fails a scope with its error, and lets it wait for the rest', async () => {
    const { tester, tasks } = await createContext();
    const error = new Error('no');
    const work = tasks.runInScope((scoped) => {
      scoped.afterResponse.task({ runOn: 'failure' }).schedule(() => turn());
      throw error;
    });
    await expect(work).rejects.toBe(error);
    if (mode === 'inline') {
      tester.assertScheduled({ status: 'succeeded' });
    }

    expect(await tester.drain()).toEqual({ ...none, succeeded: 1 });
  });

  it('shows what a shutdown does', async () => {
    const { tester, tasks } = await createContext();
    const ran: string[] = [];
    await tasks.runInScope(async (scoped) => {
      scoped.afterResponse
        .task({ name: 'mail' })
        .schedule(() => ran.push('mail'));
      scoped.task({ name: 'payment', shield: true }).schedule(async () => {
        await turn();
        ran.push('payment');
      });
      const result = await tester.simulateShutdown();

      expect(result).toEqual({ ...none, succeeded: 1, dropped: 1 });
    });

    expect(ran).toEqual(['payment']);
    const late = tasks.task({ shield: true }).schedule(() => {});
    expect(await late.settled()).toMatchObject({ status: 'dropped' });
  });
});

describe('with fake timers', () => {
  it('uses real time', async () => {
    const module = await testingModule('manual');
    await module.init();
    closing.push(() => module.close());
    const tester = TasksTester.for(module);
    const hasty = TasksTester.for(module, { timeout: 1 });
    jest.useFakeTimers();
    closing.push(() => jest.useRealTimers());
    module.get(AppTasks).schedule(() => {});

    expect(await tester.drain()).toEqual({ ...none, succeeded: 1 });
    await expect(hasty.waitFor({ name: 'x' })).rejects.toThrow('within 1 ms');
  });
});

describe('simulateShutdown() with an engine', () => {
  it('stops it from taking jobs, but does not close it', async () => {
    const calls: string[] = [];
    const engine: DurableEngine = {
      name: 'recording',
      codec: inProcessEngine().codec,
      start: async () => void calls.push('start'),
      enqueue: async () => [],
      cancel: async () => false,
      pause: async () => void calls.push('pause'),
      stop: async () => void calls.push('stop'),
    };
    const module = await Test.createTestingModule({
      imports: [TasksModule.forRoot({ engine })],
    }).compile();
    await module.init();
    closing.push(() => module.close());
    await TasksTester.for(module).simulateShutdown();

    expect(calls).toEqual(['start', 'pause']);
  });
});

describe.each(modes)('messages over TCP, %s', (mode) => {
  @Controller()
  class OrdersController {
    @MessagePattern('order')
    order(@Tasks() tasks: Tasks) {
      tasks.schedule(() => {});
      tasks.afterRoute.schedule(() => turn());
      tasks.afterResponse.schedule(() => turn());
      return 'ordered';
    }

    @MessagePattern('refused')
    refused(@Tasks() tasks: Tasks) {
      tasks.afterRoute.schedule(() => {});
      tasks.afterResponse.task({ runOn: 'failure' }).schedule(() => turn());
      throw new RpcException('refused');
    }

    @MessagePattern('many')
    many(@Tasks() tasks: Tasks) {
      tasks.afterResponse.schedule(() => turn());
      return from(['a', 'b']);
    }
  }

  async function createMicroservice() {
    const module = await testingModule(mode, [OrdersController]);
    const host = '127.0.0.1';
    const app = module.createNestMicroservice({
      transport: Transport.TCP,
      options: { host, port: 0 },
      logger: false,
    });
    await app.listen();
    const { port } = app.unwrap<Server>().address() as AddressInfo;
    const client: ClientProxy = ClientProxyFactory.create({
      transport: Transport.TCP,
      options: { host, port },
    });
    closing.push(
      () => app.close(),
      () => client.close(),
    );
    return { client, tester: TasksTester.for(app) };
  }

  it('can be asserted as soon as the reply has arrived', async () => {
    const { client, tester } = await createMicroservice();
    for (let time = 0; time < 20; time += 1) {
      const reply: unknown = await firstValueFrom(client.send('order', {}));

      expect(reply).toBe('ordered');
      const after = tester.scheduled({ phase: 'afterResponse' }).at(-1);
      if (mode === 'manual') expect(after?.status).toBe('scheduled');
      if (mode === 'inline') expect(after?.status).toBe('succeeded');
      expect(await tester.drain()).toEqual({ ...none, succeeded: 3 });
    }
  });

  it('judges a message by the error of its handler', async () => {
    const { client, tester } = await createMicroservice();
    const reply = firstValueFrom(client.send('refused', {}));

    await expect(reply).rejects.toMatchObject({ message: 'refused' });
    expect(await tester.drain()).toEqual({ ...none, succeeded: 1, skipped: 1 });
  });

  it('counts tasks that follow the last value of a reply', async () => {
    const { client, tester } = await createMicroservice();

    expect(await lastValueFrom(client.send<unknown>('many', {}))).toBe('b');
    expect(await tester.drain()).toEqual({ ...none, succeeded: 1 });
  });
});
