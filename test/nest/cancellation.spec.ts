import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { currentTask, Tasks } from 'nestjs-tasks';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

describe.each(platforms)('cancelling over $name', (platform) => {
  it('a task before its start keeps it from running', async () => {
    let hasRun = false;
    const results: unknown[] = [];
    @Controller()
    class BeforeController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        const task = tasks.afterResponse.schedule(() => void (hasRun = true));
        results.push(task.cancel('changed my mind'), task.cancel());
      }
    }
    const { request, tester } = await createApp(platform, {
      controllers: [BeforeController],
    });

    await request('/');
    await tester.settled();

    expect(results).toEqual([true, false]);
    expect(hasRun).toBe(false);
    expect(await tester.assertScheduled().settled()).toEqual({
      status: 'cancelled',
      reason: 'changed my mind',
    });
  });

  it('a running task aborts its signal and settles it at once, whatever it still does', async () => {
    const late = deferred();
    let fired: unknown;
    @Controller()
    class RunningController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.afterResponse.schedule(async () => {
          const { signal } = currentTask();
          signal.addEventListener('abort', () => (fired = signal.reason));
          await late.promise;
        });
      }
    }
    const { request, tasks, tester, log } = await createApp(platform, {
      controllers: [RunningController],
    });

    await request('/');
    const running = await tester.waitFor({ status: 'running' });
    expect(running.cancel('enough')).toBe(true);
    expect(fired).toBe('enough');
    expect(running.status).toBe('cancelled');
    await tester.settled();
    late.reject(new Error('late'));
    await turn();

    expect(running.cancel()).toBe(false);
    expect(tasks.stats).toMatchObject({ running: 0, cancelled: 1, failed: 0 });
    expect(log.lines).toEqual([]);
  });

  it('after a task has settled changes nothing', async () => {
    @Controller()
    class AfterController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.schedule(() => 42);
      }
    }
    const { request, tester } = await createApp(platform, {
      controllers: [AfterController],
    });

    await request('/');
    await tester.settled();

    const settled = tester.assertScheduled({ status: 'succeeded' });
    expect(settled.cancel()).toBe(false);
    expect(await settled.settled()).toEqual({
      status: 'succeeded',
      value: 42,
    });
  });

  it('by name cancels the queued tasks of that name in that phase, and counts them', async () => {
    const ran: string[] = [];
    const counts: number[] = [];
    @Controller()
    class NameController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        for (const phase of ['afterRoute', 'afterResponse'] as const) {
          for (const name of ['mail', 'mail', 'other']) {
            tasks[phase]
              .task({ name })
              .schedule(() => void ran.push(`${phase} ${name}`));
          }
        }
        counts.push(
          tasks.afterResponse.cancel('mail'),
          tasks.afterResponse.cancel('mail'),
          tasks.cancel('other'),
        );
      }
    }
    const { request, tester } = await createApp(platform, {
      controllers: [NameController],
    });

    await request('/');
    await tester.settled();

    expect(counts).toEqual([2, 0, 0]);
    expect(ran).toEqual([
      'afterRoute mail',
      'afterRoute mail',
      'afterRoute other',
      'afterResponse other',
    ]);
  });

  it('by an external signal cancels a queued and a running task', async () => {
    const controller = new AbortController();
    const started = deferred();
    const outcomes: Promise<unknown>[] = [];
    @Controller()
    class SignalController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        const { signal } = controller;
        const running = tasks.task({ signal }).schedule(() => {
          started.resolve();
          return new Promise(() => {});
        });
        const queued = tasks.afterResponse.task({ signal }).schedule(() => 1);
        outcomes.push(running.settled(), queued.settled());
        return started.promise.then(() => controller.abort('outside'));
      }
    }
    const { request } = await createApp(platform, {
      controllers: [SignalController],
    });

    await request('/');

    const cancelled = { status: 'cancelled', reason: 'outside' };
    expect(await Promise.all(outcomes)).toEqual([cancelled, cancelled]);
  });
});
