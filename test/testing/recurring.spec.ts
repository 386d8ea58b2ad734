import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { currentTask, Task, TasksModule } from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import {
  TasksTester,
  TasksTestingModule,
  type TasksTestingModuleOptions,
} from 'nestjs-tasks/testing';
import { deferred } from '../support/deferred.js';

const dates: Date[] = [];
let gate: Promise<void> | undefined;

@Injectable()
class Reports {
  @Task('report.nightly', {
    durable: true,
    retries: 1,
    backoff: { type: 'fixed', delay: 1 },
    repeat: { cron: '0 3 * * *', timeZone: 'Europe/Berlin' },
  })
  nightly() {
    const { attempt, scheduledFor } = currentTask();
    if (attempt === 1) throw new Error('once more');
    dates.push(scheduledFor ?? new Date(NaN));
  }

  @Task('report.hourly', { durable: true, repeat: { every: '1h' } })
  async hourly() {
    dates.push(currentTask().scheduledFor ?? new Date(NaN));
    await gate;
  }

  @Task('report.once', { durable: true })
  once() {}
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
  dates.length = 0;
  gate = undefined;
});

async function start(mode?: TasksTestingModuleOptions['mode']) {
  const builder = Test.createTestingModule({
    imports: [TasksModule.forRoot({ engine: inProcessEngine() })],
    providers: [Reports],
  });
  if (mode) {
    builder
      .overrideModule(TasksModule)
      .useModule(TasksTestingModule.forRoot({ mode }));
  }
  const app = (await builder.compile()).createNestApplication({
    logger: false,
  });
  await app.init();
  closing.push(() => app.close());
  return TasksTester.for(app);
}

describe.each(['manual', 'inline', undefined] as const)(
  'fire() in mode %p',
  (mode) => {
    it('runs one occurrence, its retries included', async () => {
      const tester = await start(mode);
      const task = await tester.fire('report.nightly');
      expect([task.name, task.status, task.attempt]).toEqual([
        'report.nightly',
        'succeeded',
        2,
      ]);
      expect(dates).toEqual([task.scheduledFor]);
      tester.assertScheduled({ name: 'report.nightly', status: 'succeeded' });
      expect(await tester.drain()).toMatchObject({ succeeded: 1, failed: 0 });
    });

    it('refuses what does not recur, and names what does', async () => {
      const tester = await start(mode);
      await expect(tester.fire('report.once')).rejects.toMatchObject({
        code: 'TASK_NOT_DECLARED',
        message: expect.stringContaining(
          'Known names: report.nightly, report.hourly',
        ),
      });
    });
  },
);

describe('advance()', () => {
  it('runs in inline mode what becomes due, each with its date', async () => {
    const tester = await start('inline');
    await tester.advance('3h');
    await tester.settled();
    const hours = dates.map((date) => date.getTime() / 3_600_000);
    const hourly = tester.scheduled({ name: 'report.hourly' });
    expect(hourly).toHaveLength(3);
    const [first = NaN] = hours;
    expect(hourly.map(({ scheduledFor }) => Number(scheduledFor))).toEqual(
      [0, 1, 2].map((n) => (Math.floor(first) + n) * 3_600_000),
    );
    await tester.advance('1h');
    expect(tester.scheduled({ name: 'report.hourly' })).toHaveLength(4);
  });

  it('holds it in manual mode', async () => {
    const tester = await start('manual');
    await tester.advance('26h');
    const night = tester.assertScheduled({ name: 'report.nightly' });
    expect(night.status).toBe('scheduled');
    expect(dates).toEqual([]);
    const { succeeded } = await tester.drain();
    expect(succeeded).toBe(tester.scheduled().length);
    expect(succeeded).toBeGreaterThan(26);
    expect(
      night.scheduledFor?.toLocaleTimeString('en-GB', {
        timeZone: 'Europe/Berlin',
      }),
    ).toBe('03:00:00');
  });

  it('skips an occurrence while an earlier one runs', async () => {
    const tester = await start('inline');
    const open = deferred();
    gate = open.promise;
    await tester.advance('2h');
    expect(
      tester.scheduled({ name: 'report.hourly' }).map(({ status }) => status),
    ).toEqual(['running', 'skipped']);
    open.resolve();
    await tester.settled();
  });

  it('leaves the schedules of an engine alone', async () => {
    const tester = await start();
    await tester.advance('5h');
    tester.assertNotScheduled({ name: /^report/ });
  });

  it('refuses to run more than a test can mean', async () => {
    const tester = await start('manual');
    await expect(tester.advance('3650d')).rejects.toThrow(
      /would run more than 10000 occurrences .*"report.hourly"/,
    );
  });
});
