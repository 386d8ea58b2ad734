import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../lib/core/clock.js';
import { TaskRuntime } from '../../lib/core/task-runtime.js';
import { InProcessEngine } from '../../lib/engine/in-process.engine.js';
import { TaskRegistry } from '../../lib/engine/task-registry.js';
import { RecordingLog, openUnitOfWork } from '../support/core-runtime.js';

describe('the clock of the system', () => {
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
    // A timer may be early by a fraction of a millisecond.
    expect(systemClock.now() - begin).toBeGreaterThan(18);
  });

  it('does not call back once it is told so', async () => {
    let called = false;
    const stop = systemClock.after(1, () => void (called = true));

    stop();
    await new Promise<void>((resolve) => systemClock.after(10, resolve));

    expect(called).toBe(false);
  });

  it('is the one of an application that names none', async () => {
    const runtime = new TaskRuntime({
      settings: { defaults: { timeout: 5 } },
      log: new RecordingLog(),
      resolveReporter: (Reporter) => new Reporter(),
      createEngine: (...parts) => new InProcessEngine(...parts),
      createRegistry: (defaults) => new TaskRegistry(defaults),
    });
    const { tasks } = openUnitOfWork(runtime);

    const task = tasks.schedule(() => new Promise(() => {}));

    expect(runtime.clock).toBe(systemClock);
    expect(await task.settled()).toMatchObject({
      error: { code: 'TASK_TIMEOUT' },
    });
  });
});
