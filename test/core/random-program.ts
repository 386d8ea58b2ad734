import * as fc from 'fast-check';
import { HOSTILE_ACTS } from './hostile-acts.js';
import type { RunOn } from '../../lib/core/task/task-phase.js';
import type { TaskPhase } from '../../lib/core/task/task-phase.js';

/** The behaviour of one attempt of a task. */
export type Behaviour =
  | {
      readonly does:
        'return' | 'throw' | 'hang' | 'obey' | 'cancelItself' | 'cancelOnAbort';
    }
  | {
      readonly does: 'resolve' | 'reject' | 'emit' | 'break';
      readonly afterMs: number;
    }
  | { readonly does: 'shutDown' }
  | { readonly does: 'hostile'; readonly which: number };

export interface TaskPlan {
  /** Whether it is the method of a provider, passed by reference. */
  readonly isDeclared: boolean;
  readonly phase: TaskPhase;
  readonly name: string;
  readonly shield: boolean;
  readonly required: boolean;
  readonly runOn: RunOn;
  readonly retries: number;
  /** What `retryIf` does: it may cancel the task before it returns either value. */
  readonly retryIf: 'yes' | 'no' | 'cancelYes' | 'cancelNo' | 'throw';
  readonly pauseMs: number;
  readonly timeoutMs: number | undefined;
  /** Of the first attempt, the second, …; the last one applies to all that follow. */
  readonly attempts: readonly Behaviour[];
  readonly handler: 'none' | 'return' | 'throw' | 'slow' | 'hang';
  /** Whether code outside cancels the task when its signal is aborted. */
  readonly watched: boolean;
  /** Whether the work is already running, so that the task only follows it. */
  readonly follows: boolean;
  /** Scheduled by the first attempt, before and after its work. */
  readonly children: readonly TaskPlan[];
  readonly lateChildren: readonly TaskPlan[];
}

export type Step =
  | { readonly do: 'schedule'; readonly scope: number; readonly plan: TaskPlan }
  | { readonly do: 'burst'; readonly scope: number; readonly count: number }
  | { readonly do: 'cancel'; readonly which: number }
  | {
      readonly do: 'cancelName';
      readonly scope: number;
      readonly phase: TaskPhase;
      readonly name: string;
    }
  | { readonly do: 'startRoute' | 'repeatRoute'; readonly scope: number }
  | { readonly do: 'replaceMethod'; readonly on: 'instance' | 'prototype' }
  | {
      readonly do: 'endRoute' | 'endResponse';
      readonly scope: number;
      readonly failed: boolean;
    }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'drain'; readonly last: boolean };

/** What an observer does at an event, a few times. */
export interface Meddling {
  readonly at: 'started' | 'retrying' | 'succeeded' | 'failed' | 'cancelled';
  readonly does:
    | 'throw'
    | 'reject'
    | 'cancelIt'
    | 'cancelFirst'
    | 'schedule'
    | 'cancelName'
    | 'shutDown';
}

export interface Program {
  readonly meddling: readonly Meddling[];
  readonly hasBrokenLog: boolean;
  readonly concurrency: number | undefined;
  readonly maxPending: number | undefined;
  readonly await: boolean;
  readonly drainTimeoutMs: number;
  readonly gracePeriodMs: number;
  readonly abortPeriodMs: number;
  readonly steps: readonly Step[];
  /** Whether the application shuts down, or all tasks run to their end. */
  readonly end: 'shutdown' | 'work';
}

export const SCOPES = 3;

const ms = (max: number) => fc.integer({ min: 0, max });
const phase = fc.constantFrom<TaskPhase[]>(
  'immediate',
  'afterRoute',
  'afterResponse',
);
const name = fc.constantFrom('mail', 'charge');
const scope = fc.integer({ min: 0, max: SCOPES - 1 });

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constantFrom(
        'return' as const,
        'throw' as const,
        'hang' as const,
        'obey' as const,
        'cancelItself' as const,
        'cancelOnAbort' as const,
      ),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constantFrom(
        'resolve' as const,
        'reject' as const,
        'emit' as const,
        'break' as const,
      ),
      afterMs: ms(6),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ does: 'shutDown' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('hostile' as const),
      which: fc.nat(HOSTILE_ACTS.length - 1),
    }),
  },
);

function planWith(children: fc.Arbitrary<TaskPlan[]>): fc.Arbitrary<TaskPlan> {
  return fc.record({
    phase,
    isDeclared: fc.boolean(),
    name,
    shield: fc.boolean(),
    required: fc.boolean(),
    runOn: fc.constantFrom<RunOn[]>('success', 'always', 'failure'),
    retries: fc.integer({ min: 0, max: 2 }),
    retryIf: fc.oneof(
      { weight: 6, arbitrary: fc.constant('yes' as const) },
      fc.constantFrom(
        'no' as const,
        'cancelYes' as const,
        'cancelNo' as const,
        'throw' as const,
      ),
    ),
    pauseMs: ms(3),
    timeoutMs: fc.option(ms(5), { nil: undefined }),
    attempts: fc.array(behaviour, { minLength: 1, maxLength: 3 }),
    handler: fc.constantFrom(
      'none' as const,
      'return' as const,
      'throw' as const,
      'slow' as const,
      'hang' as const,
    ),
    watched: fc.boolean(),
    follows: fc.oneof(
      { weight: 7, arbitrary: fc.constant(false) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
    children,
    lateChildren: children,
  });
}

const leaf = planWith(fc.constant([]));
const parent = planWith(fc.array(leaf, { maxLength: 2 }));
const plan = planWith(
  fc.array(fc.oneof({ weight: 3, arbitrary: leaf }, parent), { maxLength: 2 }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('schedule' as const), scope, plan }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('burst' as const),
      scope,
      count: fc.integer({ min: 1, max: 70 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('cancel' as const),
      which: fc.nat(50),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('cancelName' as const),
      scope,
      phase,
      name,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('startRoute' as const, 'repeatRoute' as const),
      scope,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('replaceMethod' as const),
      on: fc.constantFrom('instance' as const, 'prototype' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('endRoute' as const, 'endResponse' as const),
      scope,
      failed: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: ms(4) }),
  },
);

const drains: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('drain' as const),
  last: fc.boolean(),
});

const limits = fc.option(
  fc.record({
    concurrency: fc.integer({ min: 1, max: 4 }),
    maxPending: fc.option(ms(4), { nil: undefined }),
  }),
  { nil: { concurrency: undefined, maxPending: undefined } },
);

const meddling: fc.Arbitrary<Meddling[]> = fc.array(
  fc.record({
    at: fc.constantFrom<Meddling['at'][]>(
      'started',
      'retrying',
      'succeeded',
      'failed',
      'cancelled',
    ),
    does: fc.constantFrom<Meddling['does'][]>(
      'throw',
      'reject',
      'cancelIt',
      'cancelFirst',
      'schedule',
      'cancelName',
      'shutDown',
    ),
  }),
  { maxLength: 2 },
);

/** Programs that schedule, nest, cancel and fail, with a shutdown at some point. */
export const programs: fc.Arbitrary<Program> = fc
  .record({
    limits,
    await: fc.boolean(),
    drainTimeoutMs: ms(8),
    gracePeriodMs: ms(12),
    abortPeriodMs: ms(4),
    before: fc.array(step, { minLength: 1, maxLength: 14 }),
    after: fc.array(fc.oneof({ weight: 5, arbitrary: step }, drains), {
      maxLength: 8,
    }),
    end: fc.constantFrom('shutdown' as const, 'work' as const),
    meddling,
    hasBrokenLog: fc.boolean(),
  })
  .map(({ limits: { concurrency, maxPending }, before, after, ...rest }) => ({
    ...rest,
    concurrency,
    maxPending,
    steps:
      rest.end === 'work'
        ? before
        : [...before, { do: 'drain' as const, last: false }, ...after],
  }));
