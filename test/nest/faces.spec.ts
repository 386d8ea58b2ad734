import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ClassSerializerInterceptor,
  Controller,
  Get,
  Injectable,
  UseInterceptors,
} from '@nestjs/common';
import {
  AppTasks,
  Task,
  Tasks,
  TasksModule,
  TasksService,
  type TaskEvent,
} from 'nestjs-tasks';
import { bullmqEngine } from 'nestjs-tasks/bullmq';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';
import { SOON_MS } from '../support/soon.js';

afterEach(closeApps);

const SECRET = 'hunter2';

describe.each(platforms)('what is public over $name', (platform) => {
  it('shows no argument, and nothing of the request, when a handler returns it', async () => {
    @Injectable()
    class Users {
      @Task('users.reset')
      reset(_password: string) {}
    }
    @Controller()
    class UsersController {
      constructor(private readonly service: TasksService) {}

      @Get('task')
      task(@Tasks() tasks: Tasks) {
        return tasks.afterResponse.of(Users).reset(SECRET);
      }

      @UseInterceptors(ClassSerializerInterceptor)
      @Get('plain')
      plain(@Tasks() tasks: Tasks) {
        return { task: tasks.schedule(Boolean, SECRET) };
      }

      @Get('others')
      others(@Tasks() tasks: Tasks) {
        const others = [tasks, tasks.afterRoute, tasks.of(Users), this.service];
        return { others, inspected: inspect(others, { depth: Infinity }) };
      }
    }
    const { request, tester, app } = await createApp(platform, {
      providers: [Users],
      controllers: [UsersController],
    });
    tester.scheduled();

    expect(await (await request('/task')).json()).toEqual({
      id: expect.any(String) as unknown,
      name: 'users.reset',
      phase: 'afterResponse',
      status: 'scheduled',
      attempt: 0,
    });
    const plain = await request('/plain');
    expect(plain.status).toBe(200);
    expect(await plain.text()).not.toContain(SECRET);
    const { others, inspected } = (await (await request('/others')).json()) as {
      others: unknown;
      inspected: string;
    };
    expect(others).toEqual([{}, {}, {}, {}]);
    expect(inspected.length).toBeLessThan(200);
    await tester.settled();
    const seen = [tester.scheduled(), tester, app.get(AppTasks)];
    expect(JSON.stringify(seen)).not.toContain(SECRET);
    expect(inspect(seen, { depth: Infinity })).not.toContain(SECRET);
  });

  it('shows no argument in events, and no line break in log lines and stacks', async () => {
    const forged = 'pay\n[Nest] 1 - LOG admin logged in';
    const events: TaskEvent[] = [];
    @Controller()
    class PayController {
      @Get()
      pay(@Tasks() tasks: Tasks) {
        tasks
          .task({ name: forged, retries: 1, backoff: () => 0 })
          .schedule((_password: string) => Promise.reject(forged), SECRET);
        tasks.schedule(() => {
          throw new Error(forged, { cause: new Error(forged) });
        });
      }
    }
    const { request, tester, log } = await createApp(platform, {
      tasks: { observers: [(event) => void events.push(event)] },
      controllers: [PayController],
    });
    tester.scheduled();
    await request('/');
    await tester.settled();

    expect(events.map(({ type }) => type)).toContain('failed');
    expect(JSON.stringify(events)).not.toContain(SECRET);
    expect(inspect(events, { depth: Infinity })).not.toContain(SECRET);
    expect(log.lines).toHaveLength(3);
    for (const { message, stack = '' } of log.lines) {
      expect(message).toMatch(/^Task ".+" \([-0-9a-f]+\) failed on attempt \d/);
      expect(message).not.toContain('\n');
      expect(stack).not.toMatch(/^\[Nest\]/m);
    }
  });
});

describe('the options of an engine', () => {
  it('are not shown by the module that has it', async () => {
    const engine = bullmqEngine({
      connection: { host: '127.0.0.1', password: SECRET },
    });
    const dynamicModule = TasksModule.forRoot({ engine });

    for (const shown of [engine, dynamicModule]) {
      expect(JSON.stringify(shown)).not.toContain(SECRET);
      expect(
        inspect(shown, { depth: Infinity, showHidden: true, getters: true }),
      ).not.toContain(SECRET);
    }

    // To read its stored tasks is to connect.
    await engine.stop(SOON_MS);
  });
});
