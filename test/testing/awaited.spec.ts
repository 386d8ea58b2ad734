import { describe, expect, it } from '@jest/globals';
import { createRuntime } from '../support/core-runtime.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';

const wellEnded = { failed: false, threw: false };

describe('a response that waits for everything', () => {
  it('waits for longer than any time limit, without a timer', async () => {
    const { scope, tasks, clock, log } = createRuntime(
      { afterRoute: { timeout: 10 } },
      { waitsFor: 'everything' },
    );
    const mayEnd = deferred();
    tasks.afterRoute.schedule(() => mayEnd.promise);
    const after = tasks.afterResponse.schedule(() => {});
    let isOver = false;
    const ended = scope.routeEnded(wellEnded)?.then(() => (isOver = true));
    await clock.advance(1_000);

    expect(isOver).toBe(false);
    expect(after.status).toBe('scheduled');
    expect(clock.pendingTimers).toBe(0);
    expect(log.warnings).toEqual([]);
    mayEnd.resolve();
    await ended;
    expect(after.status).toBe('succeeded');
  });

  it('waits for tasks that tasks schedule, and for error handlers', async () => {
    const [mayEnd, mayBeHandled] = [deferred(), deferred()];
    const { scope, tasks } = createRuntime(
      { onError: () => mayBeHandled.promise },
      { waitsFor: 'everything' },
    );
    let isOver = false;
    tasks.schedule(async () => {
      await mayEnd.promise;
      tasks.afterResponse.schedule(async () => {
        await turn();
        throw new Error('no');
      });
    });
    const ended = scope.routeEnded(wellEnded)?.then(() => (isOver = true));
    await turn();
    expect(isOver).toBe(false);
    mayEnd.resolve();
    await turn();
    await turn();
    expect(isOver).toBe(false);
    mayBeHandled.resolve();
    await ended;
  });

  it('does not judge again when the response has really ended', async () => {
    const { scope, tasks } = createRuntime({}, { waitsFor: 'everything' });
    const failure = tasks.afterResponse
      .task({ runOn: 'failure' })
      .schedule(() => {});
    await scope.routeEnded(wellEnded);
    scope.responseEnded({ succeeded: false });
    const late = tasks.afterResponse.schedule(() => {});
    await turn();

    expect(failure.status).toBe('skipped');
    expect(late.status).toBe('succeeded');
  });

  it('does not start after-response tasks early when the client leaves', async () => {
    const { scope, tasks } = createRuntime({}, { waitsFor: 'everything' });
    const mayEnd = deferred();
    tasks.afterRoute.schedule(() => mayEnd.promise);
    const after = tasks.afterResponse.schedule(() => {});
    const ended = scope.routeEnded(wellEnded);
    scope.responseEnded({ succeeded: undefined });
    await turn();

    expect(after.status).toBe('scheduled');
    mayEnd.resolve();
    await ended;
    expect(after.status).toBe('succeeded');
  });

  it('waits again when the handler turns out not to be done', async () => {
    const { scope, tasks } = createRuntime({}, { waitsFor: 'everything' });
    const before = tasks.afterRoute.schedule(() => {});
    await scope.routeEnded(wellEnded);
    scope.routeStarted();
    const after = tasks.afterResponse.schedule(() => {});
    await turn();
    expect([before.status, after.status]).toEqual(['succeeded', 'scheduled']);
    await scope.routeEnded(wellEnded);

    expect(after.status).toBe('succeeded');
  });

  it('waits again for a handler that starts when the client has left', async () => {
    const { scope, tasks } = createRuntime({}, { waitsFor: 'everything' });
    scope.responseEnded({ succeeded: undefined });
    scope.routeStarted();
    const after = tasks.afterResponse.schedule(() => {});
    const failure = tasks.afterResponse
      .task({ runOn: 'failure' })
      .schedule(() => {});
    await turn();
    expect(after.status).toBe('scheduled');
    await scope.routeEnded({ failed: true, threw: true });

    expect(after.status).toBe('skipped');
    expect(failure.status).toBe('succeeded');
  });
});

describe('a response that waits for nothing', () => {
  it('does not wait for required tasks, and sets no timer', () => {
    const { scope, tasks, clock } = createRuntime({}, { waitsFor: 'nothing' });
    tasks.afterRoute
      .task({ required: true })
      .schedule(() => deferred().promise);

    expect(scope.routeEnded(wellEnded)).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
  });

  it('fails with a required task that was dropped before', async () => {
    const { runtime, scope, tasks } = createRuntime(
      {},
      { waitsFor: 'nothing' },
    );
    tasks.afterRoute.task({ required: true }).schedule(() => {});
    await runtime.shutdown.drain(false);

    await expect(scope.routeEnded(wellEnded)).rejects.toMatchObject({
      code: 'TASK_DROPPED',
    });
  });
});
