import { describe, expect, it } from '@jest/globals';
import {
  resourcesHere,
  type AppResource,
  type ResourceOwner,
} from '../../lib/core/app/app-resources.js';
import { createRuntime, type CoreRuntime } from '../support/core-runtime.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';

/** A resource whose closing takes as long as the test decides. */
class Pool implements AppResource {
  static made: Pool[] = [];
  static closing: Promise<void> = Promise.resolve();
  disposals = 0;

  constructor(readonly owner: ResourceOwner) {
    Pool.made.push(this);
  }

  dispose(): Promise<void> {
    this.disposals += 1;
    return Pool.closing;
  }

  static reset(closing: Promise<void> = Promise.resolve()): void {
    Pool.made = [];
    Pool.closing = closing;
  }
}

class Cache implements AppResource {
  isOpen = true;

  async dispose(): Promise<void> {
    this.isOpen = false;
  }
}

function use(core: CoreRuntime): Promise<unknown> {
  return core.tasks.schedule(() => resourcesHere()?.get(Pool)).settled();
}

describe('a resource that the tasks of an application share', () => {
  it('is created once, when a task first requests it', async () => {
    Pool.reset();
    const core = createRuntime({ threads: { max: 7 } });
    const other = createRuntime();
    expect(Pool.made).toEqual([]);
    const [first, second] = await Promise.all([use(core), use(core)]);
    await use(other);

    expect(Pool.made).toHaveLength(2);
    expect(second).toEqual(first);
    expect(Pool.made[0]?.owner.settings.threads.max).toBe(7);
  });

  it('is not available outside a task', () => {
    expect(resourcesHere()).toBeUndefined();
  });

  it('is available in error handlers', async () => {
    Pool.reset();
    const { tasks, runtime } = createRuntime();
    tasks
      .task({ onError: () => void resourcesHere()?.get(Pool) })
      .schedule(() => {
        throw new Error('no');
      });
    await runtime.idle();

    expect(Pool.made).toHaveLength(1);
  });

  it('is closed once, by the last drain', async () => {
    Pool.reset();
    const core = createRuntime();
    await use(core);
    await core.runtime.shutdown.drain(false);
    expect(Pool.made[0]?.disposals).toBe(0);
    await core.runtime.shutdown.drain(true);
    await core.runtime.shutdown.drain(true);

    expect(Pool.made[0]?.disposals).toBe(1);
  });

  it('is awaited while it closes, as long as the shutdown has time', async () => {
    Pool.reset(deferred().promise);
    const core = createRuntime({
      shutdown: { gracePeriod: 500, abortPeriod: 100 },
    });
    await use(core);
    let isOver = false;
    const drained = core.runtime.shutdown
      .drain(true)
      .then(() => (isOver = true));
    await core.clock.advance(599);
    expect(isOver).toBe(false);
    await core.clock.advance(1);
    await drained;

    expect(core.clock.pendingTimers).toBe(0);
  });

  it('is not awaited when the tasks took all the time', async () => {
    Pool.reset(deferred().promise);
    const core = createRuntime({
      shutdown: { gracePeriod: 500, abortPeriod: 100 },
    });
    await use(core);
    core.tasks.task({ shield: true }).schedule(() => new Promise(() => {}));
    await turn();
    const drained = core.runtime.shutdown.drain(true);
    await core.clock.advance(600);
    await core.clock.advance(0);
    await drained;

    expect(Pool.made[0]?.disposals).toBe(1);
  });

  it('does not keep others from closing when it fails', async () => {
    const failure = Promise.reject(new Error('stuck'));
    failure.catch(() => {});
    Pool.reset(failure);
    const core = createRuntime();
    await use(core);
    const caches: (Cache | undefined)[] = [];
    core.tasks.schedule(() => void caches.push(resourcesHere()?.get(Cache)));
    await core.runtime.idle();
    await core.runtime.shutdown.drain(true);

    expect(caches).toEqual([{ isOpen: false }]);
    expect(core.log.errors).toEqual([
      'A resource of the tasks could not be disposed of: stuck',
    ]);
  });

  it('is not created again after the shutdown', async () => {
    Pool.reset();
    const goOn = deferred();
    const core = createRuntime();
    const results: unknown[] = [];
    core.tasks.schedule(async () => {
      await goOn.promise;
      try {
        resourcesHere()?.get(Pool);
      } catch (error) {
        results.push(error);
      }
    });
    await turn();
    await core.runtime.shutdown.drain(true);
    goOn.resolve();
    await turn();

    expect(results).toEqual([
      expect.objectContaining({ code: 'TASK_DROPPED' }),
    ]);
    expect(Pool.made).toEqual([]);
  });
});
