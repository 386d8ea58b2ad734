import { AssertionError } from 'node:assert';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { AppTasks, Tasks } from 'nestjs-tasks';
import { TasksTester, type TaskFilter } from 'nestjs-tasks/testing';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import { closeTestedApps, createTestedApp, modes } from './tested-app.js';

/** The error that a function throws. */
function thrownBy(fn: () => unknown): AssertionError {
  try {
    fn();
  } catch (error) {
    if (error instanceof AssertionError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe.each(platforms)('TasksTester over $name', (platform) => {
  afterEach(closeTestedApps);

  function pay(_order: string, _cents: number) {
    return 'paid';
  }
  class StockError extends Error {
    override name = 'StockError';
  }

  @Controller()
  class OrdersController {
    @Get()
    order(@Tasks() tasks: Tasks) {
      tasks.task({ name: 'payment_1' }).schedule(pay, 'o1', 1200);
      tasks.afterRoute.task({ name: 'stock' }).schedule((_order) => {
        throw new StockError('nothing left');
      }, 'o1');
      tasks.afterResponse
        .task({ name: 'mail' })
        .schedule((_to) => 'sent', { to: 'ada@example.org' });
      tasks.afterResponse
        .task({ name: 'apology', runOn: 'failure' })
        .schedule(() => {});
    }
  }

  describe.each(modes)('with the module %s', (mode) => {
    it('lists the tasks in the order in which they were scheduled', async () => {
      const { send, tester } = await createTestedApp(platform, {
        mode,
        controllers: [OrdersController],
      });
      await send('');
      await tester.drain();

      const named = (filter?: TaskFilter) =>
        tester.scheduled(filter).map(({ name }) => name);
      expect(named()).toEqual(['payment_1', 'stock', 'mail', 'apology']);
      expect(named({ phase: 'afterResponse' })).toEqual(['mail', 'apology']);
      expect(named({ name: 'mail' })).toEqual(['mail']);
      expect(named({ name: /^[ms]/ })).toEqual(['stock', 'mail']);
      expect(named({ status: 'succeeded' })).toEqual(['payment_1', 'mail']);
      expect(named({ args: ['o1', 1200] })).toEqual(['payment_1']);
      expect(named({ args: [{ to: 'ada@example.org' }] })).toEqual(['mail']);
      expect(named({ args: ['o1'], status: 'failed' })).toEqual(['stock']);
      expect(named({ args: [], name: 'stock' })).toEqual([]);
      expect(named({ name: undefined, phase: undefined })).toHaveLength(4);
    });

    it('says what was expected, and what was scheduled instead', async () => {
      const { send, tester } = await createTestedApp(platform, {
        mode,
        controllers: [OrdersController],
      });
      expect(
        thrownBy(() => tester.assertScheduled({ name: 'refund' })).message,
      ).toBe(
        "No task was scheduled that matches { name: 'refund' }. No task was scheduled at all.",
      );
      tester.assertNotScheduled();
      tester.assertNothingFailed();

      await send('');
      await tester.drain();

      const payment = tester.assertScheduled({ name: /^payment_/ });
      expect(payment.args).toEqual(['o1', 1200]);
      expect(tester.assertScheduled()).toBe(payment);
      expect(await payment.settled()).toEqual({
        status: 'succeeded',
        value: 'paid',
      });
      tester.assertNotScheduled({ name: 'refund' });

      const missing = thrownBy(() =>
        tester.assertScheduled({ name: /^refund_/, phase: 'immediate' }),
      );
      expect(missing.message).toBe(
        [
          "No task was scheduled that matches { name: /^refund_/, phase: 'immediate' }. There were:",
          `  "payment_1" immediate succeeded, attempt 1, args [ 'o1', 1200 ]`,
          `  "stock" afterRoute failed, attempt 1, args [ 'o1' ]: StockError: nothing left`,
          `  "mail" afterResponse succeeded, attempt 1, args [ { to: 'ada@example.org' } ]`,
          `  "apology" afterResponse skipped, attempt 0, args []`,
        ].join('\n'),
      );
      expect(
        thrownBy(() => tester.assertNotScheduled({ phase: 'immediate' }))
          .message,
      ).toBe(
        [
          "Expected no task that matches { phase: 'immediate' }. There were:",
          `  "payment_1" immediate succeeded, attempt 1, args [ 'o1', 1200 ]`,
        ].join('\n'),
      );
      const failed = thrownBy(() => tester.assertNothingFailed());
      expect(failed.message).toBe(
        [
          '1 task failed:',
          `  "stock" afterRoute failed, attempt 1, args [ 'o1' ]: StockError: nothing left`,
        ].join('\n'),
      );
      expect(failed.cause).toBeInstanceOf(StockError);
    });
  });
});

describe('TasksTester', () => {
  afterEach(closeTestedApps);

  const createTasks = async (timeout?: number) => {
    const { app, tester } = await createTestedApp(platforms[0]!, {
      tester: { timeout },
    });
    return { app, tester, tasks: app.get(AppTasks) };
  };

  it('fails like an assertion, at the line of the test', async () => {
    const { tester, tasks } = await createTasks(1);
    tasks.schedule(() => new Promise(() => {}));
    tasks.schedule(() => {
      throw new Error('no');
    });
    const failures = [
      thrownBy(() => tester.assertScheduled({ name: 'x' })),
      thrownBy(() => tester.assertNotScheduled()),
      await tester.settled().catch((error: unknown) => error),
      await tester.drain().catch((error: unknown) => error),
      await tester.waitFor({ name: 'x' }).catch((error: unknown) => error),
      thrownBy(() => tester.assertNothingFailed()),
    ];

    for (const failure of failures) {
      expect(failure).toBeInstanceOf(AssertionError);
      const { code, message, stack = '' } = failure as AssertionError;
      expect(code).toBe('ERR_ASSERTION');
      expect(stack).toContain(message);
      const [firstFrame] = stack
        .slice(stack.indexOf('\n    at '))
        .trim()
        .split('\n');
      expect(firstFrame).toContain('recording.spec.ts');
    }
  });

  it('shortens what it lists', async () => {
    const { tester, tasks } = await createTasks();
    tasks
      .task({ name: 'long' })
      .schedule((_text, _list) => {}, 'x'.repeat(500), Array(500).fill(1));
    for (let i = 0; i < 40; i += 1)
      tasks.task({ name: 'many' }).schedule(() => {});
    await tester.settled();

    const { message } = thrownBy(() => tester.assertScheduled({ name: 'x' }));

    const lines = message.split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(200);
    expect(lines).toHaveLength(32);
    expect(lines.at(-1)).toBe('  … and 11 more');
  });

  it('refuses unknown filters', async () => {
    const { tester } = await createTasks();
    const wrong = (filter: unknown) => filter as TaskFilter;
    const message =
      'Task filters have no `nmae`. Known options: name, phase, status, args.';

    expect(() => tester.scheduled(wrong({ nmae: 'x' }))).toThrow(message);
    expect(() => tester.assertScheduled(wrong({ nmae: 'x' }))).toThrow(message);
    expect(() => tester.assertNotScheduled(wrong({ nmae: 'x' }))).toThrow(
      message,
    );
    await expect(tester.waitFor(wrong({ nmae: 'x' }))).rejects.toThrow(message);
    expect(() => tester.scheduled(wrong({ phase: 'after' }))).toThrow(
      "`phase` must be 'immediate' or 'afterRoute' or 'afterResponse', got 'after'.",
    );
    expect(() => tester.scheduled(wrong({ status: 'done' }))).toThrow(
      '`status` must be',
    );
    expect(() => tester.scheduled(wrong({ name: 1 }))).toThrow(
      '`name` must be a string or a regular expression, got 1.',
    );
    expect(() => tester.scheduled(wrong({ args: 'x' }))).toThrow(
      "`args` must be a list of arguments, got 'x'.",
    );
    expect(() => tester.scheduled(wrong('x'))).toThrow('must be an object');
  });

  it('matches a regular expression regardless of its lastIndex', async () => {
    const { tester, tasks } = await createTasks();
    tasks.task({ name: 'mail' }).schedule(() => {});
    const name = /mail/g;

    tester.assertScheduled({ name });
    tester.assertScheduled({ name });
  });

  it('records tasks that are scheduled after its creation, like every other tester', async () => {
    const { app, tester, tasks } = await createTasks();
    tasks.task({ name: 'first' }).schedule(() => {});
    const later = TasksTester.for(app);
    const second = later.waitFor({ status: 'succeeded' });
    tasks.task({ name: 'second' }).schedule(() => {});

    expect((await second).name).toBe('second');
    await later.settled();

    expect(tester.scheduled()).toHaveLength(2);
    expect(later.scheduled().map(({ name }) => name)).toEqual(['second']);
  });

  it('waits for a task until it is in a certain state', async () => {
    const { tester, tasks } = await createTasks();
    const mayEnd = deferred();
    const running = tester.waitFor({ name: 'mail', status: 'running' });
    const done = tester.waitFor({ name: 'mail', status: 'succeeded' });
    const quick = tester.waitFor({ name: 'quick', status: 'running' });
    const mail = tasks.task({ name: 'mail' }).schedule(() => mayEnd.promise);
    tasks.task({ name: 'quick' }).schedule(() => {});

    expect(await running).toBe(mail);
    expect((await quick).name).toBe('quick');
    expect(await tester.waitFor({ phase: 'immediate' })).toBe(mail);
    expect(mail.status).toBe('running');
    mayEnd.resolve();
    expect(await done).toBe(mail);
  });

  it('lists the recorded tasks when no matching task arrives', async () => {
    const { tester, tasks } = await createTasks(1);
    tasks.task({ name: 'mail' }).schedule(() => {});

    await expect(tester.waitFor({ name: 'refund' })).rejects.toThrow(
      [
        "No task matched { name: 'refund' } within 1 ms. There were:",
        '  "mail" immediate succeeded, attempt 1, args []',
      ].join('\n'),
    );
  });

  it('waits for error handlers too', async () => {
    const { tester, tasks } = await createTasks();
    const mayEnd = deferred();
    const told = deferred();
    const order: string[] = [];
    const onError = async () => {
      told.resolve();
      await mayEnd.promise;
      order.push('handled');
    };
    tasks.task({ onError }).schedule(() => {
      throw new Error('no');
    });
    const settled = tester.settled().then(() => order.push('settled'));
    await told.promise;
    mayEnd.resolve();
    await settled;

    expect(order).toEqual(['handled', 'settled']);
  });

  it('lists the pending tasks when the time is up', async () => {
    const { app, tester, tasks } = await createTasks(1);
    const mayEnd = deferred();
    const told = deferred();
    tasks
      .task({
        name: 'alerting',
        onError: () => (told.resolve(), mayEnd.promise),
      })
      .schedule(() => {
        throw new Error('no');
      });
    tasks.task({ name: 'hangs' }).schedule((_id) => mayEnd.promise, 7);
    await told.promise;

    await expect(tester.settled()).rejects.toThrow(
      [
        'Not everything had settled after 1 ms.',
        'Pending tasks:',
        '  "hangs" immediate running, attempt 1, args [ 7 ]',
        'Error handlers are running for:',
        '  "alerting" immediate failed, attempt 1, args []: Error: no',
        'If they need longer, raise the `timeout` of TasksTester.for(app, { timeout }).',
      ].join('\n'),
    );
    mayEnd.resolve();
    await TasksTester.for(app).settled();
  });

  it('leaves no timer behind', async () => {
    const { tester, tasks } = await createTasks(100_000);
    const timers = () =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
    const before = timers().length;
    tasks.task({ name: 'mail' }).schedule(() => {});

    await tester.waitFor({ name: 'mail' });
    await tester.waitFor({ name: 'mail', status: 'succeeded' });
    await tester.settled();
    await tester.drain();

    expect(timers().length).toBeLessThanOrEqual(before);
  });

  it('counts the tasks that settled since the last call', async () => {
    const { tester, tasks } = await createTasks();
    const [first, second] = [new Error('first'), new Error('second')];
    tasks.schedule(() => {});
    tasks.schedule(() => {
      throw first;
    });
    tasks.schedule(() => {
      throw second;
    });
    tasks.schedule(() => {}).cancel();

    expect(await tester.drain()).toEqual({
      succeeded: 1,
      failed: 2,
      skipped: 0,
      dropped: 0,
      errors: [first, second],
    });
    tasks.schedule(() => {});
    expect(await tester.drain()).toEqual({
      succeeded: 1,
      failed: 0,
      skipped: 0,
      dropped: 0,
      errors: [],
    });
  });

  it('refuses unknown options', async () => {
    const { app } = await createTasks();

    expect(() => TasksTester.for(app, { timeout: -1 })).toThrow('`timeout`');
    expect(() => TasksTester.for(app, { wait: 1 } as never)).toThrow(
      'The options of TasksTester.for() have no `wait`. Known options: timeout.',
    );
  });
});
