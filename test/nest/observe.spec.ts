import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable } from '@nestjs/common';
import { createObserveModule } from '@nestjs/observe';
import { currentTasks, Task, Tasks, TasksService } from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

/** `@nestjs/observe` puts a Proxy in the place of every instance. */
describe.each(platforms)('@nestjs/observe over $name', (platform) => {
  it('leaves references, the phases and every way to the tasks as they are', async () => {
    const done: string[] = [];
    @Injectable()
    class Mail {
      readonly by = 'Mail';

      @Task('mail.send', { retries: 3, durable: true })
      send(to: string): void {
        done.push(`${this.by}: ${to}`);
      }
    }
    @Injectable()
    class Audit {
      record() {
        currentTasks().afterRoute.schedule(() => done.push('ambient'));
      }
    }
    @Controller()
    class MailController {
      constructor(
        private readonly mail: Mail,
        private readonly audit: Audit,
        private readonly service: TasksService,
      ) {}

      @Get()
      async handle(@Tasks() tasks: Tasks) {
        tasks.afterResponse.schedule(() => done.push('after response'));
        tasks.afterRoute.schedule(() => done.push('after route'));
        this.service.afterRoute.schedule(() => done.push('service'));
        this.audit.record();
        await Promise.resolve();
        done.push('handled');
        const task = tasks.schedule(this.mail.send, 'ann');
        return { name: task.name, retries: task.options.retries };
      }
    }
    const { ObserveInstrument } = createObserveModule();
    const { request, tester, log } = await createApp(platform, {
      tasks: { engine: inProcessEngine(), ambient: true },
      instrument: ObserveInstrument,
      providers: [Mail, Audit],
      controllers: [MailController],
    });
    const response = await request('/');
    await tester.settled();

    expect(await response.json()).toEqual({ name: 'mail.send', retries: 3 });
    await tester.waitFor({ name: 'mail.send', status: 'succeeded' });
    expect(done.filter((entry) => entry !== 'Mail: ann')).toEqual([
      'handled',
      'after route',
      'service',
      'ambient',
      'after response',
    ]);
    expect(done).toContain('Mail: ann');
    expect(log.lines).toEqual([]);
  });
});
