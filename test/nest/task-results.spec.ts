import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { currentTask, Tasks, type Task } from 'nestjs-tasks';
import { EMPTY, Observable, from, map } from 'rxjs';
import { closeApps, createApp } from '../support/create-app.js';
import { turn } from '../support/manual-clock.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

const PHASES = ['immediate', 'afterRoute', 'afterResponse'] as const;

describe.each(platforms)('what a task returns over $name', (platform) => {
  describe.each(PHASES)('in phase %s', (phase) => {
    async function outcomeOf(fn: () => unknown, options = {}) {
      let task: Task | undefined;
      @Controller()
      class ResultController {
        @Get()
        handle(@Tasks() tasks: Tasks) {
          const scheduler = phase === 'immediate' ? tasks : tasks[phase];
          task = scheduler.task(options).schedule(fn);
        }
      }
      const created = await createApp(platform, {
        controllers: [ResultController],
      });
      await created.request('/');
      await created.tasks.idle();
      return { ...created, outcome: await task?.settled() };
    }

    it.each<[string, () => unknown, unknown]>([
      ['a value', () => 42, 42],
      ['a promise', async () => 42, 42],
      [
        'a thenable',
        () => ({ then: (done: (v: number) => void) => done(42) }),
        42,
      ],
      ['an Observable: its last value', () => from([40, 41, 42]), 42],
      [
        'an Observable that takes time',
        () => from(turn()).pipe(map(() => 42)),
        42,
      ],
      ['a promise of an Observable', async () => from([42]), 42],
      ['an Observable of nothing', () => EMPTY, undefined],
      ['nothing', () => {}, undefined],
    ])('is awaited: %s', async (_what, fn, value) => {
      const { outcome } = await outcomeOf(fn);

      expect(outcome).toEqual({ status: 'succeeded', value });
    });

    it('is not awaited past the timeout: the signal is aborted, an Observable is unsubscribed from', async () => {
      const seen: string[] = [];
      const { outcome, log } = await outcomeOf(
        () => {
          const { signal } = currentTask();
          signal.addEventListener('abort', () => {
            seen.push((signal.reason as { code: string }).code);
          });
          return new Observable(() => () => void seen.push('unsubscribed'));
        },
        { name: 'hangs', timeout: 5 },
      );

      expect(outcome).toMatchObject({
        status: 'failed',
        error: { code: 'TASK_TIMEOUT' },
      });
      expect(seen.sort()).toEqual(['TASK_TIMEOUT', 'unsubscribed']);
      expect(log.messages('error')).toEqual([
        expect.stringMatching(/^Task "hangs" .*timeout of 5 ms/),
      ]);
    });
  });
});
