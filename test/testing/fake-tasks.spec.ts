import { describe, expect, it, jest } from '@jest/globals';
import { Controller, Injectable, Post } from '@nestjs/common';
import { Task, Tasks } from 'nestjs-tasks';
import { fakeTasks } from 'nestjs-tasks/testing';

@Injectable()
class MailTasks {
  readonly sent: string[] = [];

  @Task('mail.welcome', { durable: true, retries: 2 })
  welcome(email: string) {
    this.sent.push(email);
  }
}

@Controller()
class OrdersController {
  readonly done: string[] = [];
  constructor(private readonly mail: MailTasks) {}

  @Post()
  create(email: string, @Tasks() tasks: Tasks) {
    const { done } = this;
    const step = (name: string) => done.push(name);
    tasks.afterResponse.schedule(step, 'after response');
    tasks.afterRoute.task({ name: 'stock' }).schedule(() => {
      step('after route');
      tasks.afterResponse.schedule(step, 'nested');
    });
    tasks.schedule(step, 'immediate');
    tasks.afterRoute.task({ runOn: 'failure' }).schedule(step, 'never');
    tasks.afterRoute.of(MailTasks).welcome(email);
    tasks.afterResponse.task({ key: email }).of(MailTasks).welcome(email);
    tasks.schedule(this.mail.welcome, 'by reference');
    tasks.waitUntil(Promise.resolve(5));
    return 'created';
  }
}

describe('fakeTasks()', () => {
  it('records what a handler schedules that is called directly, and runs it when told', async () => {
    const mail = new MailTasks();
    const controller = new OrdersController(mail);
    const tasks = fakeTasks({ providers: [mail] });

    expect(controller.create('a@b.c', tasks)).toBe('created');
    await new Promise((resolve) => setImmediate(resolve));

    expect(controller.done).toEqual([]);
    const welcome = tasks.assertScheduled({
      name: 'mail.welcome',
      phase: 'afterRoute',
      args: ['a@b.c'],
    });
    expect(welcome.options).toMatchObject({ durable: true, retries: 2 });
    tasks.assertNotScheduled({ name: 'refund' });
    expect(() => tasks.assertScheduled({ name: 'refund' })).toThrow(
      /No task was scheduled that matches \{ name: 'refund' \}.*"stock"/s,
    );

    expect(await tasks.drain()).toEqual({
      succeeded: 8,
      failed: 0,
      skipped: 1,
      dropped: 0,
      errors: [],
    });
    expect(controller.done).toEqual([
      'immediate',
      'after route',
      'after response',
      'nested',
    ]);
    expect(mail.sent.toSorted()).toEqual(['a@b.c', 'a@b.c', 'by reference']);
    tasks.assertNothingFailed();
    expect(await tasks.drain()).toMatchObject({ succeeded: 0 });
  });

  it('runs what is scheduled after a drain in the next one', async () => {
    const tasks = fakeTasks();
    await tasks.drain();
    const fn = jest.fn();
    tasks.afterResponse.schedule(fn);
    await new Promise((resolve) => setImmediate(resolve));
    expect(fn).not.toHaveBeenCalled();

    expect(await tasks.drain()).toMatchObject({ succeeded: 1 });
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('records declared tasks without their provider, and says what to pass to run them', async () => {
    const tasks = fakeTasks();
    const task = tasks.of(MailTasks).welcome('a@b.c');
    expect(task.name).toBe('mail.welcome');

    const { errors } = await tasks.drain();

    expect(errors).toEqual([
      expect.objectContaining({
        code: 'TASK_NOT_DECLARED',
        message: expect.stringContaining(
          'fakeTasks({ providers: [new MailTasks(…)] })',
        ) as unknown,
      }),
    ]);
    expect(() => tasks.assertNothingFailed()).toThrow(/1 task failed/);
  });

  it('refuses options that it does not know', () => {
    expect(() => fakeTasks({ provider: [] } as never)).toThrow(
      /The options of fakeTasks\(\) have no `provider`/,
    );
    expect(() => fakeTasks({ providers: {} as never })).toThrow(
      /`providers` must be a list of instances/,
    );
    class Nothing {}
    expect(() => fakeTasks().of(Nothing)).toThrow(/has no declared task/);
  });
});
