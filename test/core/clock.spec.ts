import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../lib/core/base/clock.js';
import { TaskRuntime } from '../../lib/core/app/task-runtime.js';
import { RecordingLog, openUnitOfWork } from '../support/core-runtime.js';

describe('the system clock', () => {
  it('calls back after a delay, and in a later turn', async () => {
    const order: string[] = [];
    const begin = systemClock.now();

    await new Promise<void>((resolve) => {
      systemClock.nextTurn(() => void order.push('next turn'));
      systemClock.after(20, () => {
        order.push('after');
        resolve();
      });
      void Promise.resolve().then(() => order.push('microtask'));
    });

    expect(order).toEqual(['microtask', 'next turn', 'after']);
    // A timer may fire a fraction of a millisecond early.
    expect(systemClock.now() - begin).toBeGreaterThan(18);
  });

  it('does not call back once cancelled', async () => {
    let called = false;
    const stop = systemClock.after(1, () => void (called = true));

    stop();
    await new Promise<void>((resolve) => systemClock.after(10, resolve));

    expect(called).toBe(false);
  });

  it('is the default clock of an application', async () => {
    const runtime = new TaskRuntime({
      settings: { defaults: { timeout: 5 } },
      log: new RecordingLog(),
      resolveReporter: (Reporter) => new Reporter(),
    });
    const { tasks } = openUnitOfWork(runtime);

    const task = tasks.schedule(() => new Promise(() => {}));

    expect(runtime.clock).toBe(systemClock);
    expect(await task.settled()).toMatchObject({
      error: { code: 'TASK_TIMEOUT' },
    });
  });
});
