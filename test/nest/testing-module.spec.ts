import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  AppTasks,
  Tasks,
  TasksModule,
  TasksService,
  type Task,
  type TaskErrorReporter,
} from 'nestjs-tasks';
import type { AddressInfo } from 'node:net';
import { platforms } from '../support/platforms.js';

/** How tests of applications use the real module. */
describe.each(platforms)('a testing module over $name', (platform) => {
  @Injectable()
  class Mailer {
    send(to: string): string {
      return `really sent to ${to}`;
    }
  }

  @Injectable()
  class AlertReporter implements TaskErrorReporter {
    readonly alerts: string[] = [];
    handle(task: Task) {
      this.alerts.push(task.name);
    }
  }

  @Injectable()
  class WelcomeService {
    constructor(
      private readonly tasks: TasksService,
      private readonly mailer: Mailer,
    ) {}

    welcome() {
      return this.tasks.afterResponse.schedule(() => this.mailer.send('a'));
    }
  }

  const scheduled: Task[] = [];
  @Controller()
  class WelcomeController {
    constructor(private readonly service: WelcomeService) {}

    @Get()
    handle(@Tasks() tasks: Tasks) {
      scheduled.push(this.service.welcome());
      tasks.task({ name: 'fails' }).schedule(() => {
        throw new Error('no');
      });
    }
  }

  it('runs tasks with overridden providers', async () => {
    scheduled.length = 0;
    const module = await Test.createTestingModule({
      imports: [TasksModule.forRoot({ onError: AlertReporter })],
      controllers: [WelcomeController],
      providers: [WelcomeService, Mailer, AlertReporter],
    })
      .overrideProvider(Mailer)
      .useValue({ send: (to: string) => `not sent to ${to}` })
      .compile();
    const app = module.createNestApplication(platform.adapter(), {
      logger: false,
    });
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;

    await fetch(`http://127.0.0.1:${port}`, {
      headers: { connection: 'close' },
    });
    await app.get(AppTasks).idle();

    expect(await scheduled[0]?.settled()).toEqual({
      status: 'succeeded',
      value: 'not sent to a',
    });
    expect(app.get(AlertReporter).alerts).toEqual(['fails']);
    await app.close();
  });

  it('leaves handlers unchanged for direct calls', async () => {
    const calls: unknown[] = [];
    @Controller()
    class PlainController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        calls.push(tasks.schedule(() => 1));
        return this;
      }
    }
    const module = await Test.createTestingModule({
      imports: [TasksModule.forRoot()],
      controllers: [PlainController],
    }).compile();
    const controller = module.get(PlainController);
    const fake = { schedule: () => 'scheduled' } as unknown as Tasks;

    expect(controller.handle(fake)).toBe(controller);

    expect(calls).toEqual(['scheduled']);
    expect(controller.handle.name).toBe('handle');
    expect(controller.handle).toHaveLength(1);
  });
});
