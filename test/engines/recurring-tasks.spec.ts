import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, type Type } from '@nestjs/common';
import {
  currentTask,
  StoredTasks,
  Task,
  taskContract,
  type DurableEngine,
  type EngineFeature,
  type RecurringTaskOptions,
  type TaskEvent,
  type TasksModuleOptions,
} from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import { StoringEngine } from './support/storing-engine.js';

afterEach(closeApps);

const [platform] = platforms;

/** An application with one recurring task, and what its observer is told. */
async function start(
  provider: Type,
  engine: DurableEngine = inProcessEngine(),
  more: TasksModuleOptions = {},
) {
  if (!platform) throw new Error('no platform');
  const events: TaskEvent[] = [];
  const observers = [(event: TaskEvent) => void events.push(event)];
  const tasks = { engine, observers, ...more };
  const app = await createApp(platform, { tasks, providers: [provider] });
  return { ...app, events };
}

function recurring(
  repeat: RecurringTaskOptions['repeat'],
  run: () => unknown = () => {},
): Type {
  @Injectable()
  class Report {
    @Task('report', { durable: true, repeat })
    create() {
      return run();
    }
  }
  return Report;
}

function engineWith(...features: EngineFeature[]): StoringEngine {
  const engine = new StoringEngine();
  engine.features = features;
  return engine;
}

describe('a recurring task', () => {
  it('runs at each occurrence, which it knows, through the interceptors', async () => {
    const dates: unknown[] = [];
    const three = deferred();
    const wrapped: string[] = [];
    const Report = recurring({ every: '100ms' }, () => {
      const { scheduledFor, scheduledAt, attempt, phase } = currentTask();
      expect([attempt, phase]).toEqual([1, 'immediate']);
      expect(scheduledFor?.getTime()).toBe(scheduledAt);
      if (dates.push(scheduledFor) === 3) three.resolve();
    });
    const { log } = await start(Report, inProcessEngine(), {
      interceptors: [
        (task, next) => {
          wrapped.push(task.name);
          return next();
        },
      ],
    });
    expect(log.messages('log')).toContain(
      'Recurring tasks: added report (every 100 ms)',
    );
    await three.promise;
    const [first = NaN, ...later] = dates.map((date) => Number(date));
    expect(first % 100).toBe(0);
    expect(
      later.every(
        (date, n) => date > (n === 0 ? first : (later[n - 1] ?? NaN)),
      ),
    ).toBe(true);
    expect(wrapped.slice(0, 3)).toEqual(['report', 'report', 'report']);
  });

  it('is skipped while an earlier occurrence has not ended, with one line', async () => {
    const gate = deferred();
    const skipped = deferred();
    let runs = 0;
    const Report = recurring({ every: '100ms' }, () => {
      runs += 1;
      return gate.promise;
    });
    const { app, log } = await start(Report, inProcessEngine(), {
      observers: [({ type }) => type === 'skipped' && skipped.resolve()],
    });
    await skipped.promise;
    expect(runs).toBe(1);
    const stored = await app.get(StoredTasks).page({ status: 'running' });
    expect(stored.tasks[0]).toMatchObject({
      name: 'report',
      args: [],
      scheduledFor: expect.any(Number),
    });
    gate.resolve();
    expect(log.messages('warn')[0]).toMatch(
      /^The occurrence of \S+Z of the recurring task "report" \(\S+\) is skipped: an earlier one has not ended/,
    );
  });

  it("runs beside an earlier occurrence with `overlap: 'allow'`", async () => {
    const gate = deferred();
    const both = deferred();
    let runs = 0;
    const repeat = { every: '100ms', overlap: 'allow' } as const;
    await start(
      recurring(repeat, () => {
        if ((runs += 1) === 2) both.resolve();
        return gate.promise;
      }),
    );
    await both.promise;
    gate.resolve();
  });

  it('is skipped when it is late, or runs, as `missed` says', async () => {
    for (const missed of ['skip', 'once'] as const) {
      const engine = engineWith('repeat');
      let runs = 0;
      const repeat = { cron: '0 3 * * *', missed };
      await start(
        recurring(repeat, () => (runs += 1)),
        engine,
      );
      const [schedule] = engine.host?.schedules ?? [];
      const late = {
        ...schedule?.job,
        id: 'late',
        scheduledFor: Date.now() - 61_000,
      };
      const outcome = await engine.host?.run(late, 1);
      expect(outcome).toEqual({ status: 'done' });
      expect(runs).toBe(missed === 'once' ? 1 : 0);
      // One that began in time is tried again however late that is.
      await engine.host?.run(late, 2);
      expect(runs).toBe(missed === 'once' ? 2 : 1);
    }
  });

  it('waits, with what is stored of it, for a process in which it recurs', async () => {
    @Injectable()
    class Report {
      @Task('report', { durable: true })
      create() {}
    }
    const engine = engineWith('repeat');
    await start(Report, engine);
    const job = {
      version: 2,
      id: 'x',
      task: 'report',
      args: '',
      phase: 'immediate',
      options: {},
    };
    const outcome = await engine.host?.run({ ...job, scheduledFor: 1 }, 1);
    expect(outcome?.status).toBe('unknown');
  });

  it('is what its engine is told to keep: by default in UTC, once when missed, without overlap', async () => {
    const engine = engineWith('repeat');
    await start(recurring({ cron: ' 0  3 * * * ' }), engine);
    expect(engine.host?.schedules).toEqual([
      {
        task: 'report',
        recurrence: {
          cron: '0 3 * * *',
          timeZone: 'UTC',
          missed: 'once',
          overlap: 'skip',
        },
        job: {
          version: 2,
          task: 'report',
          args: '',
          phase: 'immediate',
          options: {},
        },
      },
    ]);
  });
});

describe('a declaration that recurs', () => {
  it.each([
    [{}, 'must have either `cron` or `every`'],
    [{ cron: '* * * * *', every: '1m' }, 'must have either'],
    [{ cron: '* * *' }, '`repeat.cron` must be a cron expression of five'],
    [{ cron: 'H 3 * * *' }, 'without `H`'],
    [{ cron: '' }, '`repeat.cron` must be'],
    [{ cron: '0 3 * * *', timeZone: 'Mars/Base' }, 'must be a time zone'],
    [{ every: '1m', timeZone: 'UTC' }, 'is for `cron`'],
    [{ every: '99ms' }, 'at least 100'],
    [{ every: '0.1234s' }, 'a whole number of milliseconds'],
    [{ every: 'often' }, 'must be a duration'],
    [{ every: '1m', missed: 'all' }, "'once' or 'skip'"],
    [{ every: '1m', overlap: true }, "'skip' or 'allow'"],
    [{ every: '1m', jitter: 1 }, 'have no `jitter`'],
    ['0 3 * * *', 'must be an object'],
  ])('is refused with %j', (repeat, message) => {
    expect(() => recurring(repeat as never)).toThrow(message);
  });

  it('is refused when it is not durable, has a delay, or is a contract', () => {
    const options = { repeat: { every: '1m' } };
    expect(() => Task('x', options as never)({}, 'x', { value() {} })).toThrow(
      '`repeat` is for durable tasks',
    );
    const delayed = { ...options, durable: true, delay: '1s' };
    expect(() => Task('x', delayed as never)({}, 'x', { value() {} })).toThrow(
      '`delay` must not be set with `repeat`',
    );
    expect(() => taskContract('x', options as never)).toThrow(
      'have no `repeat`',
    );
  });

  it.each([
    [
      '61 3 * * *',
      /`repeat.cron` of task "report" must be .*got '61 3 \* \* \*': /,
    ],
    ['0 0 30 2 *', /got '0 0 30 2 \*': /],
  ])('fails the bootstrap with the expression %s', async (cron, message) => {
    await expect(start(recurring({ cron }))).rejects.toMatchObject({
      code: 'TASK_INVALID_OPTION',
      message: expect.stringMatching(message),
    });
  });

  it('fails the bootstrap when its method needs arguments', async () => {
    const decorate = Task('report', {
      durable: true,
      repeat: { every: '1m' },
    }) as MethodDecorator;
    @Injectable()
    class Report {
      @decorate
      create(_day: string, _more = 1) {}
    }
    await expect(start(Report)).rejects.toThrow(
      'its method has a parameter without a default value',
    );
  });

  it('fails the bootstrap with an engine that has not what it asks for', async () => {
    const hourly = recurring({ every: '1h' });
    await expect(start(hourly, engineWith('delay'))).rejects.toThrow(
      /"report" has a `repeat`, which the engine "storing" does not have/,
    );
    for (const repeat of [
      { every: '90s' },
      { cron: '30 0 3 * * *' },
    ] as const) {
      await expect(
        start(recurring(repeat), engineWith('repeat')),
      ).rejects.toThrow(/the engine "storing" schedules by the minute/);
    }
    await start(recurring({ cron: '0 0 3 * * *' }), engineWith('repeat'));
  });
});
