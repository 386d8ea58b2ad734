import { describe, expect, it } from '@jest/globals';
import { TaskDroppedError } from '../../lib/core/base/errors.js';
import type { Tasks } from '../../lib/core/scheduling/tasks.js';
import type { RunOn } from '../../lib/core/task/task-phase.js';
import { createRuntime, endBadly, endWell } from '../support/core-runtime.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';

const never = () => new Promise<never>(() => {});
const noop = () => {};
const fine = { failed: false, threw: false };
const sent = { statusCode: 200, delivered: true };

/** A scope that records which of its tasks start. */
function recorded(settings?: Parameters<typeof createRuntime>[0]) {
  const app = createRuntime(settings);
  const order: string[] = [];
  const note = (what: string) => void order.push(what);
  return { ...app, order, note };
}

describe('the phases of a scope', () => {
  it('come in the order immediate, after route, after response', async () => {
    const app = recorded();
    const { tasks, scope, order, note } = app;
    tasks.afterResponse.schedule(note, 'response 1');
    tasks.afterRoute.schedule(note, 'route 1');
    tasks.schedule(note, 'now 1');
    tasks.afterRoute.schedule(note, 'route 2');
    tasks.afterResponse.schedule(note, 'response 2');
    tasks.schedule(note, 'now 2');

    await turn();
    expect(order).toEqual(['now 1', 'now 2']);
    await scope.routeEnded(fine);
    expect(order.slice(2)).toEqual(['route 1', 'route 2']);
    await turn();
    expect(order).toHaveLength(4);
    scope.responseEnded({ succeeded: true, response: sent });
    await turn();

    expect(order.slice(4)).toEqual(['response 1', 'response 2']);
    await app.runtime.idle();
  });

  it('keep that order when the route and the response end together', async () => {
    const app = recorded();
    const { tasks, order, note } = app;
    app.scope.routeStarted();
    tasks.afterResponse.schedule(note, 'response');
    tasks.afterRoute.schedule(note, 'route');
    tasks.schedule(note, 'now');

    app.scope.responseEnded({ succeeded: true, response: sent });
    void app.scope.routeEnded(fine);
    await turn();

    expect(order).toEqual(['now', 'route', 'response']);
  });

  it('start all tasks of a phase at once', async () => {
    const app = createRuntime();
    const made = [1, 2, 3].map(() => app.tasks.afterRoute.schedule(never));

    void app.scope.routeEnded(fine);
    await turn();

    expect(made.map(({ status }) => status)).toEqual([
      'running',
      'running',
      'running',
    ]);
  });

  it('start late tasks soon, but never synchronously', async () => {
    const app = recorded();
    endWell(app);

    app.tasks.afterResponse.schedule(app.note, 'late');

    expect(app.order).toEqual([]);
    await Promise.resolve();
    expect(app.order).toEqual(['late']);
  });

  it('let any task schedule after-response tasks', async () => {
    const app = recorded();
    const { tasks, note } = app;
    tasks.schedule(() => void tasks.afterResponse.schedule(note, 'by now'));
    tasks.afterRoute.schedule(
      () => void tasks.afterResponse.schedule(note, 'by route'),
    );
    tasks.afterResponse.schedule(() => {
      tasks.afterResponse.schedule(note, 'by response');
      tasks.schedule(note, 'now by response');
    });

    await turn();
    endWell(app);
    await app.runtime.idle();

    expect(app.order.toSorted()).toEqual([
      'by now',
      'by response',
      'by route',
      'now by response',
    ]);
  });

  it('wait for a handler that continues after the response has ended', async () => {
    const app = recorded();
    const { scope, tasks, note, order } = app;
    scope.routeStarted();
    tasks.afterResponse.schedule(note, 'response');
    scope.responseEnded({
      succeeded: true,
      response: { statusCode: 200, delivered: false },
    });
    await turn();
    expect(order).toEqual([]);

    tasks.afterRoute.schedule(note, 'route');
    await scope.routeEnded(fine);
    await turn();

    expect(order).toEqual(['route', 'response']);
  });

  it('are both released by the response when no handler ran', async () => {
    const app = recorded();
    const { scope, tasks, note, order } = app;
    tasks.afterResponse.task({ runOn: 'always' }).schedule(note, 'response');
    tasks.afterRoute.task({ runOn: 'failure' }).schedule(note, 'route');
    const skipped = tasks.afterRoute.schedule(note, 'on success');

    scope.responseEnded({ succeeded: false, response: sent });
    await turn();

    expect(order).toEqual(['route', 'response']);
    expect(skipped.status).toBe('skipped');
  });

  it('wait again when the handler starts after the connection was lost', async () => {
    const app = recorded();
    const { scope, tasks, note, order } = app;
    tasks.afterRoute.schedule(note, 'guard route');
    tasks.afterResponse.schedule(note, 'guard response');
    scope.responseEnded({
      succeeded: true,
      response: { statusCode: 200, delivered: false },
    });
    await turn();
    expect(order.splice(0)).toEqual(['guard route', 'guard response']);

    scope.routeStarted();
    tasks.afterRoute.schedule(note, 'route');
    tasks.afterResponse.schedule(note, 'response');
    await turn();
    expect(order).toEqual([]);
    await scope.routeEnded(fine);
    await turn();

    expect(order).toEqual(['route', 'response']);
    expect(app.log.lines).toEqual([]);
  });

  it('do not mix up earlier and later tasks when the handler starts during the release', async () => {
    const app = recorded();
    const { scope, tasks, note, order } = app;
    tasks.afterRoute.schedule(note, 'before');
    scope.responseEnded({ succeeded: true, response: sent });
    scope.routeStarted();
    tasks.afterRoute.schedule(note, 'after');
    await turn();
    expect(order).toEqual(['before']);

    await scope.routeEnded(fine);

    expect(order).toEqual(['before', 'after']);
  });

  it('end once, whatever is reported about the response later', async () => {
    const app = recorded();
    const task = app.tasks.afterResponse.schedule(app.note, 'response');
    endWell(app);
    await turn();

    app.scope.responseEnded({
      succeeded: false,
      response: { statusCode: 500, delivered: false },
    });
    const late = app.tasks.afterResponse.schedule(app.note, 'late');
    await turn();

    expect(app.order).toEqual(['response', 'late']);
    expect(task.response).toEqual(sent);
    expect(late.response).toEqual(sent);
  });

  it('expose the response to after-response tasks only, once it has ended', async () => {
    const app = createRuntime();
    const route = app.tasks.afterRoute.schedule(noop);
    const response = app.tasks.afterResponse.schedule(noop);
    expect(response.response).toBeUndefined();

    endWell(app);
    await turn();

    expect(response.response).toEqual(sent);
    expect(route.response).toBeUndefined();
  });

  it('of one scope are not affected by the end of another', async () => {
    const app = recorded();
    const other = app.openScope();
    app.tasks.afterRoute.schedule(app.note, 'route');
    other.tasks.afterRoute.schedule(app.note, 'other route');

    endWell(other);
    await turn();

    expect(app.order).toEqual(['other route']);
  });
});

describe('runOn', () => {
  const outcomes: RunOn[] = ['success', 'failure', 'always'];
  const schedule = (tasks: Tasks) =>
    outcomes.flatMap((runOn) => [
      tasks.afterRoute.task({ runOn }).schedule(noop),
      tasks.afterResponse.task({ runOn }).schedule(noop),
    ]);

  it('lets tasks run on success', async () => {
    const app = createRuntime();
    const made = schedule(app.tasks);

    endWell(app);
    await app.runtime.idle();

    expect(made.map(({ status }) => status)).toEqual([
      'succeeded',
      'succeeded',
      'skipped',
      'skipped',
      'succeeded',
      'succeeded',
    ]);
  });

  it('lets tasks run on failure', async () => {
    const app = createRuntime();
    const made = schedule(app.tasks);

    endBadly(app);
    await app.runtime.idle();

    expect(made.map(({ status }) => status)).toEqual([
      'skipped',
      'skipped',
      'succeeded',
      'succeeded',
      'succeeded',
      'succeeded',
    ]);
  });

  it('is success by default', async () => {
    const app = createRuntime();
    const task = app.tasks.afterResponse.schedule(noop);

    endBadly(app);

    expect(await task.settled()).toEqual({
      status: 'skipped',
      reason: "runOn is 'success', but the outcome of the route was failure",
    });
    expect(app.story(task)).toEqual(['scheduled', 'skipped']);
    expect(app.log.lines).toEqual([]);
  });

  it('does not apply to immediate tasks', async () => {
    const app = createRuntime({ defaults: { runOn: 'failure' } });

    expect(await app.tasks.schedule(noop).settled()).toMatchObject({
      status: 'succeeded',
    });
  });

  it('judges late tasks like the others', async () => {
    const app = createRuntime();
    endBadly(app);

    const onSuccess = app.tasks.afterResponse.schedule(noop);
    const onFailure = app.tasks.afterResponse
      .task({ runOn: 'failure' })
      .schedule(noop);
    await turn();

    expect([onSuccess.status, onFailure.status]).toEqual([
      'skipped',
      'succeeded',
    ]);
  });

  it('judges the two phases separately, as a filter may turn a failure into success', async () => {
    const app = createRuntime();
    const made = schedule(app.tasks);

    void app.scope.routeEnded({ failed: true, threw: true });
    app.scope.responseEnded({ succeeded: true, response: sent });
    await app.runtime.idle();

    expect(made.map(({ status }) => status)).toEqual([
      'skipped',
      'succeeded',
      'succeeded',
      'skipped',
      'succeeded',
      'succeeded',
    ]);
  });

  it.each([
    { threw: true, errorDecides: true, succeeded: true, verdict: 'failure' },
    { threw: false, errorDecides: true, succeeded: false, verdict: 'failure' },
    { threw: false, errorDecides: true, succeeded: true, verdict: 'success' },
    { threw: true, succeeded: true, verdict: 'success' },
    { threw: true, succeeded: undefined, verdict: 'failure' },
    { threw: false, succeeded: undefined, verdict: 'success' },
  ] as const)(
    'uses the error of the handler where it decides: %j',
    async ({ verdict, succeeded, ...end }) => {
      const app = createRuntime();
      const task = app.tasks.afterResponse
        .task({ runOn: verdict })
        .schedule(noop);

      void app.scope.routeEnded({ failed: end.threw, ...end });
      app.scope.responseEnded({ succeeded });

      expect(await task.settled()).toMatchObject({ status: 'succeeded' });
    },
  );

  it('lets a skipped task be awaited, and leaves its signal alone', async () => {
    const app = createRuntime();
    const task = app.tasks.afterRoute.schedule(noop);
    const started = task.started();

    endBadly(app);
    await started;

    expect(task.signal.aborted).toBe(false);
  });
});

describe('the drain of after-route tasks', () => {
  it('does not exist when there are none', () => {
    const { scope } = createRuntime();

    expect(scope.routeEnded(fine)).toBeUndefined();
  });

  it('does not exist when all have settled already', () => {
    const { scope, tasks } = createRuntime();
    tasks.afterRoute.schedule(noop).cancel();

    expect(scope.routeEnded(fine)).toBeUndefined();
  });

  it('lasts until every one has settled, and leaves no timer', async () => {
    const { scope, tasks, clock } = createRuntime();
    const first = deferred();
    const second = deferred();
    tasks.afterRoute.schedule(() => first.promise);
    tasks.afterRoute.schedule(() => second.promise);
    let over = false;
    void scope.routeEnded(fine)?.then(() => (over = true));

    await turn();
    first.resolve();
    await turn();
    expect(over).toBe(false);
    second.reject(new Error('reported, not thrown'));
    await turn();

    expect(over).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it('includes after-route tasks that after-route tasks schedule', async () => {
    const { scope, tasks, log } = createRuntime();
    const nested = deferred();
    tasks.afterRoute.schedule(() => {
      tasks.afterRoute.schedule(() => {
        tasks.afterRoute.schedule(() => nested.promise);
      });
    });
    let over = false;
    void scope.routeEnded(fine)?.then(() => (over = true));

    await turn();
    expect(over).toBe(false);
    nested.resolve();
    await turn();

    expect(over).toBe(true);
    expect(log.lines).toEqual([]);
  });

  it('includes retries', async () => {
    const { scope, tasks, clock } = createRuntime();
    let calls = 0;
    tasks.afterRoute
      .task({ retries: 1, backoff: { type: 'fixed', delay: 50 } })
      .schedule(() => {
        if (calls++ === 0) throw new Error('once');
      });
    let over = false;
    void scope.routeEnded(fine)?.then(() => (over = true));

    await clock.advance(49);
    expect(over).toBe(false);
    await clock.advance(1);

    expect(over).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not wait for tasks of other phases', async () => {
    const { scope, tasks } = createRuntime();
    tasks.schedule(never);
    tasks.afterResponse.schedule(never);
    tasks.afterRoute.schedule(noop);

    await scope.routeEnded(fine);
  });

  it('gives up after its timeout with one warning, while the tasks continue', async () => {
    const { scope, tasks, clock, log } = createRuntime({
      afterRoute: { timeout: '2s' },
    });
    const work = deferred();
    const slow = tasks.afterRoute
      .task({ name: 'slow' })
      .schedule(() => work.promise);
    const other = tasks.afterRoute.task({ name: 'other' }).schedule(never);
    tasks.afterRoute.task({ name: 'quick' }).schedule(noop);
    tasks.afterResponse.task({ name: 'later' }).schedule(noop);
    let over = false;
    void scope.routeEnded(fine)?.then(() => (over = true));

    await clock.advance(1999);
    expect(over).toBe(false);
    await clock.advance(1);

    expect(over).toBe(true);
    expect(log.lines).toEqual([
      {
        level: 'warn',
        message:
          'The response waited 2000 ms for after-route tasks and is sent without them: "slow", "other". ' +
          'They continue. Raise `afterRoute.timeout`, or schedule slow work on `tasks.afterResponse`.',
      },
    ]);
    work.resolve();
    await turn();
    expect([slow.status, other.status]).toEqual(['succeeded', 'running']);
    expect(log.lines).toHaveLength(1);
  });

  it('is not awaited with await: false', async () => {
    const { scope, tasks, clock, log } = createRuntime({
      afterRoute: { await: false },
    });
    const task = tasks.afterRoute.schedule(() => {
      tasks.afterRoute.schedule(never);
    });

    expect(scope.routeEnded(fine)).toBeUndefined();
    await turn();

    expect(task.status).toBe('succeeded');
    expect(clock.pendingTimers).toBe(0);
    expect(log.lines).toEqual([]);
  });

  it('is over for later tasks, which start at once, with one warning', async () => {
    const app = recorded();
    app.tasks.afterRoute.schedule(noop);
    await app.scope.routeEnded(fine);

    app.tasks.afterRoute.schedule(app.note, 'late 1');
    app.tasks.afterRoute.schedule(app.note, 'late 2');
    await turn();
    app.tasks.afterRoute.schedule(app.note, 'late 3');
    await turn();

    expect(app.order).toEqual(['late 1', 'late 2', 'late 3']);
    expect(app.log.warnings).toEqual([
      expect.stringMatching(
        /^The after-route task "note" \([-\w]+\) was scheduled when the route was already done; it starts at once\. Await what schedules it in the handler, or use `tasks\.afterResponse`\.$/,
      ),
    ]);
    expect(app.clock.pendingTimers).toBe(0);
  });

  it('is over for tasks scheduled after its timeout', async () => {
    const app = recorded({ afterRoute: { timeout: 5 } });
    const slow = app.tasks.afterRoute.schedule(never);
    const drained = app.scope.routeEnded(fine);
    await app.clock.advance(5);
    await drained;

    app.tasks.afterRoute.schedule(app.note, 'late');
    await turn();

    expect(app.order).toEqual(['late']);
    expect(app.log.warnings).toHaveLength(2);
    slow.cancel();
  });

  it('does not count, warn or leave a timer when nothing waits for it', async () => {
    const { scope, tasks, clock, log } = createRuntime({
      afterRoute: { timeout: 5 },
    });
    const work = deferred();
    const slow = tasks.afterRoute.task({ runOn: 'always' }).schedule(() => {
      tasks.afterRoute.task({ runOn: 'always' }).schedule(noop);
      return work.promise;
    });

    scope.responseEnded({ succeeded: false, response: sent });
    await turn();
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(5);

    expect(log.lines).toEqual([]);
    work.resolve();
    await turn();
    expect(slow.status).toBe('succeeded');
    tasks.afterRoute.task({ runOn: 'always' }).schedule(noop);
    await turn();
    expect(log.warnings).toHaveLength(1);
  });
});

describe('a required after-route task', () => {
  const error = new Error('out of stock');
  const fails = () => {
    throw error;
  };

  it('fails the route with its error, when the others have settled', async () => {
    const { scope, tasks } = createRuntime();
    const other = deferred();
    tasks.afterRoute.task({ required: true }).schedule(fails);
    tasks.afterRoute.schedule(() => other.promise);
    const failed = scope.routeEnded(fine)?.catch((reason: unknown) => reason);

    await turn();
    other.resolve();

    expect(await failed).toBe(error);
  });

  it('lets the route succeed when it succeeds', async () => {
    const { scope, tasks } = createRuntime();
    tasks.afterRoute.task({ required: true }).schedule(() => Promise.resolve());

    await expect(scope.routeEnded(fine)).resolves.toBeUndefined();
  });

  it('fails the route with the first of several errors', async () => {
    const { scope, tasks } = createRuntime();
    const first = deferred();
    tasks.afterRoute.task({ required: true }).schedule(() => first.promise);
    tasks.afterRoute.task({ required: true }).schedule(fails);
    const drained = scope.routeEnded(fine);
    await turn();
    first.reject(new Error('second'));

    await expect(drained).rejects.toBe(error);
  });

  it('is awaited even with await: false, as the only task', async () => {
    const { scope, tasks, clock } = createRuntime({
      afterRoute: { await: false },
    });
    const work = deferred();
    tasks.afterRoute.task({ required: true }).schedule(() => work.promise);
    tasks.afterRoute.schedule(never);
    const drained = scope.routeEnded(fine);
    expect(drained).toBeInstanceOf(Promise);
    expect(clock.pendingTimers).toBe(0);

    work.reject(error);

    await expect(drained).rejects.toBe(error);
  });

  it('is awaited past the timeout, whose warning does not mention it', async () => {
    const { scope, tasks, clock, log } = createRuntime({
      afterRoute: { timeout: 5 },
    });
    const work = deferred();
    tasks.afterRoute
      .task({ required: true, name: 'stock' })
      .schedule(() => work.promise);
    const slow = tasks.afterRoute.task({ name: 'slow' }).schedule(never);
    let over = false;
    const drained = scope.routeEnded(fine)?.finally(() => (over = true));

    await clock.advance(50);
    expect(over).toBe(false);
    expect(log.warnings).toHaveLength(1);
    expect(log.warnings[0]).toContain('without them: "slow". ');
    work.reject(error);

    await expect(drained).rejects.toBe(error);
    expect(slow.status).toBe('running');
  });

  it('alone past the timeout causes no warning, because the response does wait', async () => {
    const { scope, tasks, clock, log } = createRuntime({
      afterRoute: { timeout: 5 },
    });
    const work = deferred();
    tasks.afterRoute.task({ required: true }).schedule(() => work.promise);
    const drained = scope.routeEnded(fine);

    await clock.advance(50);
    work.resolve();
    await drained;

    expect(log.lines).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('that is cancelled does not fail the route', async () => {
    const { scope, tasks } = createRuntime();
    const task = tasks.afterRoute.task({ required: true }).schedule(never);
    const drained = scope.routeEnded(fine);
    await turn();

    task.cancel();

    await expect(drained).resolves.toBeUndefined();
  });

  it('that is skipped does not fail the route', async () => {
    const { scope, tasks } = createRuntime();
    tasks.afterRoute.task({ required: true, runOn: 'failure' }).schedule(fails);

    await expect(scope.routeEnded(fine)).resolves.toBeUndefined();
  });

  it('that is dropped fails the route', async () => {
    const { scope, tasks } = createRuntime({ concurrency: 1, maxPending: 0 });
    tasks.schedule(never);
    await turn();
    tasks.afterRoute.task({ required: true }).schedule(noop);

    await expect(scope.routeEnded(fine)).rejects.toMatchObject({
      code: 'TASK_BACKLOG_FULL',
    });
  });

  it('that is dropped by the shutdown fails the route', async () => {
    const { runtime, scope, tasks } = createRuntime();
    await runtime.shutdown.drain(false);
    tasks.afterRoute.task({ required: true }).schedule(noop);

    await expect(scope.routeEnded(fine)).rejects.toBeInstanceOf(
      TaskDroppedError,
    );
  });

  it('counts even when another after-route task schedules it', async () => {
    const { scope, tasks } = createRuntime();
    tasks.afterRoute.schedule(() => {
      tasks.afterRoute.task({ required: true }).schedule(fails);
    });

    await expect(scope.routeEnded(fine)).rejects.toBe(error);
  });

  it('that nothing waits for is reported like any other', async () => {
    const { scope, tasks, runtime, log } = createRuntime();
    const task = tasks.afterRoute.task({ required: true }).schedule(fails);

    scope.responseEnded({ succeeded: true, response: sent });
    await runtime.idle();

    expect(task.status).toBe('failed');
    expect(log.errors).toHaveLength(1);
  });
});

describe('waitUntil()', () => {
  it('turns work that is already running into a task', async () => {
    const { tasks, story } = createRuntime();
    const work = deferred<number>();

    const task = tasks.waitUntil(work.promise, { name: 'upload' });
    expect(task).toMatchObject({
      name: 'upload',
      phase: 'immediate',
      status: 'scheduled',
      args: [],
    });
    await turn();
    expect(task.status).toBe('running');
    work.resolve(5);

    expect(await task.settled()).toEqual({ status: 'succeeded', value: 5 });
    expect(story(task)).toEqual(['scheduled', 'started', 'succeeded']);
  });

  it('reports the failure of the work', async () => {
    const told: unknown[] = [];
    const { tasks, runtime, log } = createRuntime({
      onError: (_, error) => void told.push(error),
    });
    const error = new Error('no');

    const task = tasks.waitUntil(Promise.reject(error));
    await runtime.idle();

    expect(await task.settled()).toEqual({ status: 'failed', error });
    expect(told).toEqual([error]);
    expect(log.errors).toHaveLength(1);
  });

  it.each(['cancelled', 'dropped'] as const)(
    'leaves no rejection unhandled when the task is %s first',
    async (status) => {
      const { tasks, runtime } = createRuntime();
      if (status === 'dropped') await runtime.shutdown.drain(true);

      const task = tasks.waitUntil(Promise.reject(new Error('no')));
      task.cancel();
      await turn();

      expect(task.status).toBe(status);
    },
  );

  it('calls then() of a lazy thenable once', async () => {
    let calls = 0;
    const query = {
      then(done: (value: number) => void) {
        calls += 1;
        done(calls);
      },
    } as PromiseLike<number>;
    const { tasks } = createRuntime();

    const task = tasks.waitUntil(query);

    expect(await task.settled()).toEqual({ status: 'succeeded', value: 1 });
    expect(calls).toBe(1);
  });

  it('treats a thenable that throws as a task that fails', async () => {
    const { tasks } = createRuntime();
    const broken = {
      then() {
        throw new Error('broken');
      },
    } as unknown as PromiseLike<void>;

    const task = tasks.waitUntil(broken);

    expect(await task.settled()).toEqual({
      status: 'failed',
      error: new Error('broken'),
    });
  });

  it('can be cancelled, while the work continues unobserved', async () => {
    const { tasks, log } = createRuntime();
    const work = deferred();
    const task = tasks.waitUntil(work.promise);
    await turn();

    task.cancel();
    work.reject(new Error('late'));
    await turn();

    expect(task.status).toBe('cancelled');
    expect(log.lines).toEqual([]);
  });
});

describe('the counts of an application', () => {
  it('follow every task from start to end', async () => {
    const app = createRuntime();
    const { tasks, runtime } = app;
    tasks.schedule(never);
    tasks.schedule(noop);
    tasks.schedule(() => Promise.reject(new Error('no')));
    tasks.afterRoute.schedule(noop).cancel();
    tasks.afterRoute.task({ runOn: 'failure' }).schedule(noop);
    expect(runtime.stats).toMatchObject({ scheduled: 4, cancelled: 1 });

    endWell(app);
    await turn();

    expect(runtime.stats).toEqual({
      scheduled: 0,
      running: 1,
      succeeded: 1,
      failed: 1,
      cancelled: 1,
      skipped: 1,
      dropped: 0,
    });
    await runtime.shutdown.drain(true);
    expect(runtime.stats).toMatchObject({ running: 0, dropped: 1 });
  });

  it('cannot be changed from outside', () => {
    const { runtime } = createRuntime();

    (runtime.stats as Record<string, number>)['failed'] = 5;

    expect(runtime.stats.failed).toBe(0);
  });
});

describe('idle()', () => {
  it('resolves at once when there is nothing to do', async () => {
    await createRuntime().runtime.idle();
  });

  it('resolves when the last task of the last scope has settled', async () => {
    const app = createRuntime();
    const other = app.openScope();
    app.tasks.schedule(noop);
    const last = other.tasks.schedule(never);
    let idle = false;
    void app.runtime.idle().then(() => (idle = true));

    await turn();
    expect(idle).toBe(false);
    last.cancel();
    await turn();

    expect(idle).toBe(true);
  });

  it('waits for queued and for sleeping tasks', async () => {
    const app = createRuntime();
    const queued = app.tasks.afterResponse.schedule(noop);
    const asleep = app.tasks.task({ retries: 1 }).schedule(() => {
      throw new Error('no');
    });
    let idle = false;
    void app.runtime.idle().then(() => (idle = true));
    await turn();
    asleep.cancel();
    await turn();
    expect(idle).toBe(false);

    queued.cancel();
    await turn();

    expect(idle).toBe(true);
  });

  it('waits for every error handler of a list', async () => {
    const slow = deferred();
    let told = false;
    const { tasks, runtime } = createRuntime({
      onError: [
        noop,
        async () => {
          await slow.promise;
          told = true;
        },
        noop,
      ],
    });
    tasks.schedule(() => {
      throw new Error('no');
    });
    const idle = runtime.idle().then(() => told);

    await turn();
    slow.resolve();

    expect(await idle).toBe(true);
  });

  it('keeps waiting when code that awaited the last task schedules another', async () => {
    const { tasks, runtime } = createRuntime();
    const task = tasks.schedule(() => Promise.resolve());
    void task.settled().then(() => tasks.schedule(async () => turn()));

    await runtime.idle();

    expect(runtime.stats).toMatchObject({ succeeded: 2, running: 0 });
  });
});
