import { AsyncLocalStorage } from 'node:async_hooks';
import { Observable } from 'rxjs';
import { ScheduledTask } from '../../lib/core/running/scheduled-task.js';
import { currentTask } from '../../lib/core/task/task-context.js';
import type { TaskEvent } from '../../lib/core/task/task-event.js';
import type {
  TaskErrorHandler,
  TaskOptions,
} from '../../lib/core/task/task.js';
import type { Log } from '../../lib/core/base/log.js';
import { TaskRuntime } from '../../lib/core/app/task-runtime.js';
import type { Tasks } from '../../lib/core/scheduling/tasks.js';
import type { Task } from '../../lib/core/task/task.js';
import {
  RecordingLog,
  openUnitOfWork,
  type UnitOfWork,
} from '../support/core-runtime.js';
import { ManualClock, turn } from '../support/manual-clock.js';
import { HOSTILE_ACTS } from './hostile-acts.js';
import {
  SCOPES,
  type Behaviour,
  type Meddling,
  type Program,
  type Step,
  type TaskPlan,
} from './random-program.js';

/** The record of one task of a program. */
export interface TaskRecord {
  readonly task: Task;
  readonly plan: TaskPlan | undefined;
  readonly scope: number;
  /** Which call of the handler it was scheduled in. */
  readonly call: number;
  readonly events: TaskEvent[];
  /** The turn of the program in which it was scheduled. */
  readonly turn: number;
  /** The attempt that started the shutdown, if one did. */
  closesIn: number | undefined;
  /** When it started, if the shutdown had begun: its response may wait for it then. */
  startedMs: number | undefined;
  handlersTold: number;
  outcomes: number;
}

interface ScopeRecord {
  readonly scope: UnitOfWork;
  /** Of the current call of the handler. */
  tasks: Tasks;
  call: number;
  hadRoute: boolean;
  /** The first task from which on the response waits for the after-route tasks. */
  since: number;
  /** The same for each call of the handler before. */
  readonly sinceOf: number[];
  routeRunning: boolean;
  routeEnded: boolean;
  responseEnded: boolean;
}

// One for all programs, because each further one slows down every promise.
const storage = new AsyncLocalStorage<number>();

/** A log that fails in every way. */
class BrokenLog implements Log {
  error(): void {
    throw new Error('broken log');
  }

  // oxlint-disable-next-line no-misused-promises -- as a logger might
  warn(): Promise<void> {
    return Promise.reject(new Error('broken log'));
  }

  info(): void {
    throw new Error('broken log');
  }
}

/** How often observers meddle in one program. */
const MOST_MEDDLING = 5;

/** The plan of a task that an observer schedules. */
const LEAF: TaskPlan = {
  isDeclared: false,
  phase: 'immediate',
  name: 'mail',
  shield: false,
  required: false,
  runOn: 'always',
  retries: 0,
  retryIf: 'yes',
  pauseMs: 0,
  timeoutMs: undefined,
  attempts: [{ does: 'return' }],
  handler: 'none',
  watched: false,
  follows: false,
  children: [],
  lateChildren: [],
};

/** Runs a program against the core, and records violations of its invariants. */
export class ProgramRun {
  readonly violations: string[] = [];
  readonly records: TaskRecord[] = [];

  readonly #program: Program;
  /** The time of the tasks' own work, apart from that of the core, whose timers are counted. */
  readonly #world = new ManualClock();
  readonly #clock = new ManualClock();
  readonly #recordOf = new Map<Task, TaskRecord>();
  readonly #scopes: ScopeRecord[] = [];
  readonly #runtime: TaskRuntime;
  readonly #provider: { run(attempt: () => unknown): unknown };
  /** Runs something in the async context of no task. */
  readonly #outside = AsyncLocalStorage.snapshot();
  #meddled = 0;
  #turn = 0;
  #isShuttingDown = false;
  #pendingDrains = 0;
  #heldBeforeMs = 0;
  #heldSince = 0;
  #lastDrainCalled = false;
  #pendingRoutes = 0;
  /** The specification of the next task to be scheduled. */
  #next: { plan: TaskPlan | undefined; scope: number } | undefined;

  constructor(program: Program) {
    this.#program = program;
    this.#runtime = new TaskRuntime({
      settings: {
        concurrency: program.concurrency,
        maxPending: program.maxPending,
        afterRoute: { await: program.await, timeout: program.drainTimeoutMs },
        shutdown: {
          gracePeriod: program.gracePeriodMs,
          abortPeriod: program.abortPeriodMs,
        },
        observers: [(event) => this.#observe(event)],
      },
      log: program.hasBrokenLog ? new BrokenLog() : new RecordingLog(),
      resolveReporter: (Reporter) => new Reporter(),
      clock: this.#clock,
    });
    this.#provider = this.#declare();
    for (let n = 0; n < SCOPES; n++) {
      this.#scopes.push({
        ...openUnitOfWork(this.#runtime),
        call: 0,
        hadRoute: false,
        since: 0,
        sinceOf: [],
        routeRunning: false,
        routeEnded: false,
        responseEnded: false,
      });
    }
  }

  async run(): Promise<void> {
    for (const step of this.#program.steps) await this.#do(step);
    if (this.#program.end === 'shutdown') await this.#shutDown();
    else await this.#finishWork();
    await this.#checkEnd();
  }

  /** A provider with one declared task, whose method may be replaced. */
  #declare(): { run(attempt: () => unknown): unknown } {
    const violate = () => this.#violate('a method lost its provider');
    class Provider {
      run(attempt: () => unknown): unknown {
        if (this !== provider) violate();
        return attempt();
      }
    }
    const provider = new Provider();
    const { registry } = this.#runtime;
    registry.add({
      provider: { type: Provider, isScoped: false, instance: () => provider },
      method: 'run',
      name: 'declared',
      options: {},
    });
    registry.addInstance(Provider, 'run', provider);
    return provider;
  }

  /** As tracing modules and spies do it. */
  #replaceMethod(on: 'instance' | 'prototype'): void {
    const provider = this.#provider;
    const owner =
      on === 'instance'
        ? provider
        : (Object.getPrototypeOf(provider) as typeof provider);
    const { run } = owner;
    owner.run = function (...args) {
      return Reflect.apply(run, this, args);
    };
  }

  #violate(what: string): void {
    this.violations.push(what);
  }

  async #do(step: Step): Promise<void> {
    switch (step.do) {
      case 'schedule':
        return this.#schedule(step.scope, step.plan);
      case 'burst':
        for (let n = 0; n < step.count; n++) {
          this.#next = { plan: undefined, scope: step.scope };
          this.#scopes[step.scope]?.tasks.afterResponse.schedule(() => n);
        }
        return;
      case 'cancel': {
        const record = this.records[step.which % (this.records.length || 1)];
        record?.task.cancel('by the program');
        return;
      }
      case 'cancelName': {
        const { tasks } = this.#scopeAt(step.scope);
        const on = step.phase === 'immediate' ? tasks : tasks[step.phase];
        on.cancel(step.name);
        return;
      }
      case 'startRoute':
        return this.#startRoute(this.#scopeAt(step.scope));
      case 'repeatRoute':
        return this.#repeatRoute(step.scope);
      case 'replaceMethod':
        return this.#replaceMethod(step.on);
      case 'endRoute':
        return this.#endRoute(step.scope, step.failed);
      case 'endResponse':
        return this.#endResponse(this.#scopeAt(step.scope), step.failed);
      case 'wait':
        return this.#advance(step.ms);
      case 'drain':
        void this.#drain(step.last);
        return;
    }
  }

  #scopeAt(index: number): ScopeRecord {
    const scope = this.#scopes[index];
    if (!scope) throw new Error(`There is no scope ${index}.`);
    return scope;
  }

  async #advance(forMs: number): Promise<void> {
    if (forMs === 0) await this.#pass();
    for (let n = 0; n < forMs; n++) {
      await this.#clock.advance(1);
      this.#turn += 1;
      await this.#world.advance(1);
      await this.#pass();
    }
  }

  async #pass(): Promise<void> {
    await turn();
    this.#turn += 1;
  }

  #schedule(index: number, plan: TaskPlan): void {
    const { tasks } = this.#scopeAt(index);
    const onError = this.#handlerOf(plan);
    const options: TaskOptions = {
      name: plan.name,
      shield: plan.shield,
      timeout: plan.timeoutMs,
      onError,
    };
    const mark = this.records.length;
    const task = storage.run(mark, () => {
      this.#next = { plan, scope: index };
      if (plan.follows) {
        const work = this.#work(plan.attempts[0], undefined);
        return tasks.waitUntil(Promise.resolve(work), options);
      }
      const on = plan.phase === 'immediate' ? tasks : tasks[plan.phase];
      const scheduler = on.task({
        ...options,
        runOn: plan.runOn,
        retries: plan.retries,
        retryIf: () => this.#isWorthIt(plan, mark),
        backoff: { type: 'fixed', delay: plan.pauseMs },
        required: plan.phase === 'afterRoute' && plan.required,
      });
      const attempt = () => this.#attempt(index, plan, mark);
      if (!plan.isDeclared) return scheduler.schedule(attempt);
      const { run } = this.#provider;
      const declared = scheduler.schedule(run, attempt);
      const isKnown = declared instanceof ScheduledTask && declared.declared;
      if (!isKnown) this.#violate('a reference was not recognised');
      return declared;
    });
    if (plan.watched) {
      task.signal.addEventListener('abort', () => void task.cancel('watched'));
    }
  }

  #handlerOf({ handler }: TaskPlan): TaskErrorHandler | undefined {
    if (handler === 'none') return undefined;
    return (task, error) => {
      const record = this.#recordOf.get(task);
      if (record) record.handlersTold += 1;
      if (!(error instanceof Error)) this.#violate('a handler got no Error');
      if (storage.getStore() !== this.records.indexOf(record as TaskRecord)) {
        this.#violate('a handler lost its async context');
      }
      switch (handler) {
        case 'throw':
          throw new Error('broken handler');
        case 'slow':
          return this.#later(2);
        case 'hang':
          return new Promise(() => {});
        default:
          return undefined;
      }
    };
  }

  #attempt(index: number, plan: TaskPlan, mark: number): unknown {
    const task = currentTask();
    if (storage.getStore() !== mark) {
      this.#violate('an attempt lost its async context');
    }
    const { attempt } = task;
    const isFirst = attempt === 1;
    if (isFirst)
      for (const child of plan.children) this.#schedule(index, child);
    const behaviour = plan.attempts[attempt - 1] ?? plan.attempts.at(-1);
    const late = () => {
      if (!isFirst) return;
      for (const child of plan.lateChildren) this.#schedule(index, child);
    };
    const work = this.#work(behaviour, task);
    if (work instanceof Promise) return work.finally(late);
    late();
    return work;
  }

  #work(behaviour: Behaviour | undefined, task: Task | undefined): unknown {
    switch (behaviour?.does) {
      case undefined:
      case 'return':
        return 'value';
      case 'throw':
        if (!task) return Promise.reject(new Error('thrown'));
        throw new Error('thrown');
      case 'hang':
        return new Promise(() => {});
      case 'obey':
        return new Promise((_, reject) => {
          task?.signal.addEventListener('abort', () => reject('obeyed'));
        });
      case 'cancelOnAbort':
        task?.signal.addEventListener('abort', () => {
          task.cancel('by its signal');
        });
        return new Promise(() => {});
      case 'cancelItself':
        task?.cancel('by itself');
        return 'value';
      case 'resolve':
        return this.#later(behaviour.afterMs);
      case 'reject':
        return this.#later(behaviour.afterMs).then(() => {
          throw new Error('rejected');
        });
      case 'emit':
      case 'break':
        return new Observable((subscriber) =>
          this.#world.after(behaviour.afterMs, () => {
            subscriber.next('value');
            if (behaviour.does === 'emit') subscriber.complete();
            else subscriber.error(new Error('broken'));
          }),
        );
      case 'hostile':
        try {
          return HOSTILE_ACTS[behaviour.which]?.();
        } catch (thrown) {
          if (!task) return Promise.reject(thrown);
          throw thrown;
        }
      case 'shutDown': {
        // In a program without a shutdown, this would end the work.
        if (!task || this.#program.end === 'work') return 'value';
        const record = this.#recordOf.get(task);
        if (record) record.closesIn = task.attempt;
        return this.#drain(false).then(() => this.#drain(true));
      }
    }
  }

  #isWorthIt({ retryIf }: TaskPlan, mark: number): boolean {
    if (retryIf === 'throw') throw new Error('broken condition');
    if (retryIf.startsWith('cancel')) {
      this.records[mark]?.task.cancel('by its condition');
    }
    return retryIf === 'yes' || retryIf === 'cancelYes';
  }

  #later(afterMs: number): Promise<void> {
    return new Promise((resolve) => this.#world.after(afterMs, resolve));
  }

  /** A handler starts once, possibly after the connection was lost. */
  #startRoute(scope: ScopeRecord): void {
    if (scope.hadRoute) return;
    scope.hadRoute = true;
    // Tasks that the end of the response has already released do not wait any more.
    if (scope.responseEnded) scope.since = this.records.length;
    scope.routeRunning = true;
    scope.routeEnded = false;
    scope.scope.routeStarted();
  }

  /** The handler has thrown, and is called again by an interceptor. */
  #repeatRoute(index: number): void {
    const scope = this.#scopeAt(index);
    if (!scope.routeRunning) return;
    this.#endRoute(index, true);
    scope.tasks = scope.scope.repeat();
    scope.sinceOf.push(scope.since);
    scope.call += 1;
    scope.since = this.records.length;
    scope.routeRunning = true;
    scope.routeEnded = false;
    scope.scope.routeStarted();
  }

  #endRoute(index: number, failed: boolean): void {
    const scope = this.#scopeAt(index);
    if (scope.routeEnded) return;
    const { since: from, call } = scope;
    scope.hadRoute = true;
    scope.routeRunning = false;
    scope.routeEnded = true;
    const since = this.#clock.now();
    const drained = scope.scope.routeEnded({
      failed,
      threw: failed,
      // No response can carry the error any more.
      errorDecides: scope.responseEnded,
    });
    if (!drained) return;
    this.#pendingRoutes += 1;
    const over = (failure?: unknown) => {
      this.#pendingRoutes -= 1;
      const ofCall = this.records
        .slice(from)
        .filter((record) => record.scope === index && record.call === call);
      this.#checkRouteDrain(ofCall, since, failure);
    };
    drained.then(
      () => over(),
      (error: unknown) => over({ error }),
    );
  }

  #endResponse(scope: ScopeRecord, failed: boolean): void {
    scope.responseEnded = true;
    if (!scope.routeRunning) scope.routeEnded = true;
    scope.scope.responseEnded({ succeeded: !failed });
  }

  async #drain(last: boolean): Promise<void> {
    if (last) this.#lastDrainCalled = true;
    if (this.#pendingDrains++ === 0) this.#heldSince = this.#clock.now();
    this.#isShuttingDown = true;
    await this.#runtime.shutdown.drain(last);
    this.#checkDrain();
    if (--this.#pendingDrains === 0) {
      this.#heldBeforeMs += this.#clock.now() - this.#heldSince;
    }
  }

  /** The total time that drains have blocked the shutdown. */
  get #heldMs(): number {
    if (this.#pendingDrains === 0) return this.#heldBeforeMs;
    return this.#heldBeforeMs + this.#clock.now() - this.#heldSince;
  }

  async #shutDown(): Promise<void> {
    const { gracePeriodMs, abortPeriodMs } = this.#program;
    void this.#drain(true);
    await this.#advance(gracePeriodMs + abortPeriodMs + 2);
    if (this.#pendingDrains > 0) {
      this.#violate(`${this.#pendingDrains} drains never ended`);
    }
  }

  /** Ends all scopes, lets the work continue for a while, and cancels the rest. */
  async #finishWork(): Promise<void> {
    for (const [index, scope] of this.#scopes.entries()) {
      this.#endRoute(index, false);
      this.#endResponse(scope, false);
    }
    await this.#advance(15);
    for (let round = 0; round < 4; round++) {
      for (const { task } of this.records) task.cancel('at the end');
      await this.#advance(7);
    }
  }

  #observe(event: TaskEvent): void | Promise<void> {
    const { task, type } = event;
    if (type === 'scheduled') {
      const { plan, scope } = this.#next ?? { plan: undefined, scope: 0 };
      const record: TaskRecord = {
        task,
        plan,
        scope,
        call: this.#scopeAt(scope).call,
        events: [],
        turn: this.#turn,
        closesIn: undefined,
        startedMs: undefined,
        handlersTold: 0,
        outcomes: 0,
      };
      this.records.push(record);
      this.#recordOf.set(task, record);
      void task.settled().then(({ status }) => {
        record.outcomes += 1;
        if (status !== task.status) this.#violate('an outcome changed');
      });
    }
    const record = this.#recordOf.get(task);
    if (!record) return this.#violate('an event came before "scheduled"');
    record.events.push(event);
    if (type === 'started') {
      if (this.#isShuttingDown) record.startedMs ??= this.#clock.now();
      this.#checkStart(record);
    }
    if (type === 'dropped') this.#checkDrop(record, event.reason);
    this.#checkStats();
    for (const { at, does } of this.#program.meddling) {
      if (at !== type || this.#meddled >= MOST_MEDDLING) continue;
      this.#meddled += 1;
      // Its result, if it is a promise, is the observer's.
      const meddled = this.#meddle(does, record);
      if (meddled) return meddled;
    }
  }

  #meddle(
    does: Meddling['does'],
    { task, scope }: TaskRecord,
  ): Promise<void> | undefined {
    switch (does) {
      case 'throw':
        throw new Error('broken observer');
      case 'reject':
        return Promise.reject(new Error('broken observer'));
      case 'cancelIt':
        task.cancel('by an observer');
        return;
      case 'cancelFirst':
        this.records[0]?.task.cancel('by an observer');
        return;
      case 'cancelName':
        this.#scopeAt(scope).tasks.afterResponse.cancel('mail');
        return;
      case 'schedule':
        this.#schedule(scope, LEAF);
        return;
      case 'shutDown':
        if (this.#program.end === 'work') return;
        this.#outside(() => void this.#drain(false));
        return;
    }
  }

  #checkStart(record: TaskRecord): void {
    const { plan, scope, task } = record;
    const at = this.records.indexOf(record);
    const { routeEnded, routeRunning, responseEnded, since } =
      this.#scopeAt(scope);
    if (task.phase !== 'immediate' && task.attempt === 1) {
      // Tasks that the end of the response released continue when a handler starts later.
      const isHeld = routeRunning ? at >= since : !routeEnded;
      if (isHeld) this.#violate(`${task.phase} started before the route ended`);
    }
    const sinceOfThrown = this.#scopeAt(scope).sinceOf[record.call];
    const isOfThrown = sinceOfThrown !== undefined && at >= sinceOfThrown;
    if (isOfThrown && plan?.runOn === 'success' && task.attempt === 1) {
      const isJudged = task.phase !== 'immediate' && !plan.follows;
      if (isJudged) this.#violate('a call that threw counted as success');
    }
    if (task.phase === 'afterResponse' && !responseEnded) {
      this.#violate('afterResponse started before the response ended');
    }
    const { concurrency } = this.#program;
    // An unshielded task releases its slot when the shutdown aborts its signal.
    const running = this.records.filter(
      (other) =>
        other.task.status === 'running' &&
        !other.plan?.follows &&
        (other.plan?.shield || !this.#isShuttingDown),
    ).length;
    if (concurrency !== undefined && !plan?.follows && running > concurrency) {
      this.#violate(`${running} tasks run at once`);
    }
    if (task.attempt > 1 || plan?.follows) return;
    const overtaken = this.records.some(
      (other, index) =>
        index < at &&
        other.scope === scope &&
        other.call === record.call &&
        other.task.phase === task.phase &&
        !other.plan?.follows &&
        other.task.status === 'scheduled' &&
        other.task.attempt === 0,
    );
    if (overtaken) this.#violate('a task started before one that came earlier');
  }

  #checkDrop({ task, startedMs }: TaskRecord, reason: unknown): void {
    const { code } = reason as { code?: string };
    if (code === 'TASK_BACKLOG_FULL') {
      if (this.#program.maxPending === undefined)
        this.#violate('a drop for no backlog');
      return;
    }
    if (this.#program.end === 'work')
      this.#violate('a drop without a shutdown');
    const graceIsOver = this.#heldMs >= this.#program.gracePeriodMs;
    // One that the server waits for has a grace period of its own.
    const ownMs = this.#clock.now() - (startedMs ?? Infinity);
    const mayBeAwaited = task.phase === 'afterRoute';
    if (mayBeAwaited && ownMs >= this.#program.gracePeriodMs) return;
    if (task.options.shield && !graceIsOver && !this.#lastDrainCalled) {
      this.#violate('a shielded task was dropped within the grace period');
    }
  }

  #checkStats(): void {
    const { scheduled, running, ...final } = this.#runtime.stats;
    const settled = Object.values(final).reduce((sum, n) => sum + n, 0);
    if (scheduled + running + settled !== this.records.length) {
      this.#violate('the counts do not add up');
    }
    if (Math.min(scheduled, running) < 0) this.#violate('a count is negative');
  }

  /** When a drain ends before its deadline, no shielded task may be left. */
  #checkDrain(): void {
    const { gracePeriodMs, abortPeriodMs } = this.#program;
    if (this.#heldMs > gracePeriodMs + abortPeriodMs) {
      this.#violate(`the drains held for ${this.#heldMs} ms`);
    }
    if (this.#heldMs >= gracePeriodMs) return;
    for (const { task, turn: scheduledIn, closesIn } of this.records) {
      const isLeft = task.status === 'scheduled' || task.status === 'running';
      const isCaller = closesIn === task.attempt;
      if (
        isLeft &&
        task.options.shield &&
        !isCaller &&
        scheduledIn < this.#turn
      ) {
        this.#violate('a drain did not wait for a shielded task');
      }
    }
  }

  /** A response is sent when its after-route tasks have settled, or at the timeout. */
  #checkRouteDrain(
    ofCall: readonly TaskRecord[],
    since: number,
    failure: unknown,
  ): void {
    const tasks = ofCall.filter(({ task }) => task.phase === 'afterRoute');
    const isTimeUp =
      !this.#program.await ||
      this.#clock.now() - since >= this.#program.drainTimeoutMs;
    for (const { task, turn: scheduledIn, closesIn } of tasks) {
      const isLeft = task.status === 'scheduled' || task.status === 'running';
      // It must not wait for one that waits for the shutdown.
      if (!isLeft || scheduledIn === this.#turn || closesIn) continue;
      if (task.options.required || !isTimeUp) {
        this.#violate('a response did not wait for an after-route task');
      }
    }
    const hasFailed = tasks.some(
      ({ task }) =>
        task.options.required &&
        (task.status === 'failed' || task.status === 'dropped'),
    );
    if (failure && !hasFailed) this.#violate('a route failed for no reason');
  }

  async #checkEnd(): Promise<void> {
    for (const record of this.records) this.#checkRecord(record);
    const { scheduled, running } = this.#runtime.stats;
    if (scheduled + running > 0) this.#violate('tasks are left at the end');
    if (this.#clock.pendingTimers > 0)
      this.#violate('timers are left at the end');
    if (this.#pendingRoutes > 0) this.#violate('a response waits for ever');
    await this.#checkSlots();
  }

  #checkRecord(record: TaskRecord): void {
    const { task, plan, events, outcomes, handlersTold } = record;
    const story = events.map(({ type }) => type).join(' ');
    if (
      !/^scheduled( started( retrying started)*( retrying)?)? (succeeded|failed|cancelled|skipped|dropped)$/.test(
        story,
      )
    ) {
      this.#violate(`a task had the story "${story}"`);
    }
    if (events.at(-1)?.type !== task.status) {
      this.#violate(`a task that ${events.at(-1)?.type} is ${task.status}`);
    }
    if (outcomes !== 1) this.#violate(`a task settled ${outcomes} times`);
    const starts = events.filter(({ type }) => type === 'started').length;
    if (starts !== task.attempt) this.#violate('attempts are not the starts');
    if (!plan) return;
    const attempts = plan.follows ? 1 : plan.retries + 1;
    if (task.attempt > attempts) this.#violate('a task was tried too often');
    const mayStop = plan.retryIf === 'no' || plan.retryIf === 'throw';
    if (task.status === 'failed' && task.attempt !== attempts && !mayStop) {
      this.#violate('a task failed before its last attempt');
    }
    const isTold =
      plan.handler !== 'none' &&
      (task.status === 'failed' ||
        (task.status === 'dropped' && this.#isBacklogDrop(record)));
    if (handlersTold !== Number(isTold)) {
      this.#violate(
        `a handler was told ${handlersTold} times of a task that ${task.status}`,
      );
    }
  }

  #isBacklogDrop({ events }: TaskRecord): boolean {
    const final = events.at(-1);
    return (
      final?.type === 'dropped' &&
      (final.reason as { code?: string }).code === 'TASK_BACKLOG_FULL'
    );
  }

  /** Directly to the runner, which accepts tasks even when the application is closed. */
  async #checkSlots(): Promise<void> {
    const count = this.#program.concurrency ?? 5;
    const home = { due() {}, started() {}, retrying() {}, settled() {} };
    const made = Array.from(
      { length: count },
      () =>
        new ScheduledTask(
          'immediate',
          () => new Promise(() => {}),
          [],
          {},
          home,
        ),
    );
    for (const task of made) this.#runtime.runner.run(task);
    await turn();
    await turn();
    const running = made.filter(({ status }) => status === 'running').length;
    if (running !== count) {
      this.#violate(`${count - running} slots were never given back`);
    }
  }
}
