import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { currentTask, Tasks, type Task, type TaskEvent } from 'nestjs-tasks';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

const PHASES = ['immediate', 'afterRoute', 'afterResponse'] as const;

describe.each(platforms)('retries over $name', (platform) => {
  describe.each(PHASES)('in phase %s', (phase) => {
    it('turn several attempts into one task with one outcome, and do not call handlers for failed attempts', async () => {
      const attempts: number[] = [];
      const told: string[] = [];
      const events: string[] = [];
      @Controller()
      class FlakyController {
        @Get()
        handle(@Tasks() tasks: Tasks) {
          const scheduler = phase === 'immediate' ? tasks : tasks[phase];
          scheduler
            .task({
              name: 'flaky',
              retries: 2,
              backoff: { type: 'fixed', delay: 1 },
              onError: () => void told.push('told'),
            })
            .schedule(async () => {
              attempts.push(currentTask().attempt);
              if (attempts.length < 3) throw new Error(`${attempts.length}`);
              return 'worked';
            });
        }
      }
      const { request, tester, log } = await createApp(platform, {
        controllers: [FlakyController],
        tasks: {
          observers: [
            (event: TaskEvent) =>
              void events.push(`${event.type} ${event.task.attempt}`),
          ],
        },
      });

      await request('/');
      await tester.settled();

      expect(attempts).toEqual([1, 2, 3]);
      const task = tester.assertScheduled({ name: 'flaky', phase });
      expect(await task.settled()).toEqual({
        status: 'succeeded',
        value: 'worked',
      });
      expect(told).toEqual([]);
      expect(log.messages('error')).toEqual([]);
      expect(log.messages('warn')).toEqual([
        expect.stringMatching(/"flaky" .* on attempt 1 of 3, again in 1 ms/),
        expect.stringMatching(/"flaky" .* on attempt 2 of 3, again in 1 ms/),
      ]);
      expect(events).toEqual([
        'scheduled 0',
        'started 1',
        'retrying 1',
        'started 2',
        'retrying 2',
        'started 3',
        'succeeded 3',
      ]);
    });

    it('end after the last one: handlers are called once, with its error and its number', async () => {
      const told: string[] = [];
      @Controller()
      class HopelessController {
        @Get()
        handle(@Tasks() tasks: Tasks) {
          const scheduler = phase === 'immediate' ? tasks : tasks[phase];
          let calls = 0;
          scheduler
            .task({
              retries: 2,
              backoff: () => 0,
              onError: ({ attempt }, { message }) =>
                void told.push(`${attempt}: ${message}`),
            })
            .schedule(() => {
              throw new Error(`call ${++calls}`);
            });
        }
      }
      const { request, tester, log } = await createApp(platform, {
        controllers: [HopelessController],
      });

      await request('/');
      await tester.settled();

      expect(told).toEqual(['3: call 3']);
      expect(log.messages('error')).toEqual([
        expect.stringMatching(/failed on attempt 3, .*call 3/),
      ]);
    });
  });

  it('stop when retryIf returns false', async () => {
    const asked: string[] = [];
    @Controller()
    class ChoosyController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks
          .task({
            retries: 5,
            backoff: () => 0,
            retryIf: (error, attempt) => {
              asked.push(`${attempt}: ${error.message}`);
              return attempt < 2;
            },
          })
          .schedule(() => {
            throw new Error('no');
          });
      }
    }
    const { request, tasks, tester } = await createApp(platform, {
      controllers: [ChoosyController],
    });

    await request('/');
    await tester.settled();

    expect(asked).toEqual(['1: no', '2: no']);
    expect(tasks.stats.failed).toBe(1);
  });

  it('that sleep at shutdown are dropped at once when unshielded, and continue when shielded', async () => {
    const asleep = deferred();
    const outcomes: Record<string, Task> = {};
    let sleeping = 0;
    @Controller()
    class SleepyController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        for (const [name, shield, delay] of [
          ['shielded', true, 20],
          ['unshielded', false, '1h'],
        ] as const) {
          outcomes[name] = tasks
            .task({ name, shield, retries: 1, backoff: () => delay })
            .schedule(() => {
              if (currentTask().attempt === 1) throw new Error('first');
            });
        }
      }
    }
    const { request, app, log } = await createApp(platform, {
      controllers: [SleepyController],
      tasks: {
        observers: [
          (event) => {
            if (event.type === 'retrying' && ++sleeping === 2) asleep.resolve();
          },
        ],
      },
    });

    await request('/');
    await asleep.promise;
    await app.close();

    expect(outcomes['shielded']).toMatchObject({
      status: 'succeeded',
      attempt: 2,
    });
    expect(outcomes['unshielded']).toMatchObject({
      status: 'dropped',
      attempt: 1,
    });
    expect(log.messages('warn').at(-1)).toMatch(
      /: 1 task dropped: unshielded$/,
    );
  });

  it('follow a timeout: the attempt fails with TASK_TIMEOUT, its signal is aborted, and the next one has a new signal', async () => {
    const signals: AbortSignal[] = [];
    @Controller()
    class HangingController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks
          .task({ timeout: 5, retries: 1, backoff: () => 0 })
          .schedule(() => {
            signals.push(currentTask().signal);
            return signals.length === 1 ? new Promise(() => {}) : 'worked';
          });
      }
    }
    const { request, tester } = await createApp(platform, {
      controllers: [HangingController],
    });

    await request('/');
    await tester.settled();
    await turn();

    const task = tester.assertScheduled({ status: 'succeeded' });
    expect(await task.settled()).toMatchObject({ value: 'worked' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(signals[0]?.reason).toMatchObject({ code: 'TASK_TIMEOUT' });
  });
});
