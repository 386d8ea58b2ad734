import {
  currentTask,
  type Task,
  type TaskOptions,
  type TaskPhase,
  type Tasks,
} from '../../../lib/index.js';
import { openConnections } from './connections.js';
import { gate } from './gates.js';
import { report } from './report.js';

/** A task as the test writes it down. */
export interface TaskScript extends Pick<
  TaskOptions,
  'shield' | 'retries' | 'timeout' | 'backoff' | 'runOn'
> {
  readonly name: string;
  /** `waitUntil` follows a promise instead. */
  readonly phase?: TaskPhase | 'waitUntil';
  readonly steps?: readonly Step[];
  readonly onError?: readonly Step[];
}

/** One thing that a handler, a task or an error handler does. */
export type Step =
  /** Waits until the test opens this gate. */
  | { readonly gate: string }
  | { readonly schedule: readonly TaskScript[] }
  /** Only reports that it was reached. */
  | 'begin'
  /** Reports which connections are open. */
  | 'look'
  | 'wait for the signal'
  | 'never settle'
  | 'close the application'
  | 'cancel'
  | 'fail'
  | { readonly failUpTo: number };

/** What the steps of a script can reach. */
export interface Stage {
  readonly tasks: Pick<Tasks, 'task' | 'waitUntil'> & Partial<Tasks>;
  closeApplication(): Promise<void>;
}

/** Does the steps one after the other, reporting each that is done. */
export async function play(
  stage: Stage,
  by: string,
  steps: readonly Step[],
): Promise<void> {
  for (const step of steps) {
    await take(stage, by, step);
    report({ is: 'step', by, what: nameOf(step) });
  }
}

/** Schedules tasks as they are written down; outside of a request all of them are immediate. */
export function scheduleAll(
  stage: Stage,
  scripts: readonly TaskScript[],
): Task[] {
  return scripts.map((script) => {
    const { phase = 'immediate', steps = [], onError, ...options } = script;
    const { name } = script;
    const all: TaskOptions = onError
      ? { ...options, onError: () => play(stage, `${name}:onError`, onError) }
      : options;
    const work = () => play(stage, name, steps);
    if (phase === 'waitUntil') return stage.tasks.waitUntil(work(), all);
    const moment =
      phase === 'immediate' ? stage.tasks : (stage.tasks[phase] ?? stage.tasks);
    return moment.task(all).schedule(work);
  });
}

async function take(stage: Stage, by: string, step: Step): Promise<void> {
  if (typeof step === 'object') {
    if ('gate' in step) await gate(step.gate);
    else if ('schedule' in step) scheduleAll(stage, step.schedule);
    else if (currentTask().attempt <= step.failUpTo) {
      throw new Error(`${by} fails`);
    }
    return;
  }
  switch (step) {
    case 'begin':
      return;
    case 'look':
      report({ is: 'step', by, what: `open: ${openConnections()}` });
      return;
    case 'wait for the signal': {
      const { signal } = currentTask();
      report({ is: 'step', by, what: 'waits' });
      await new Promise((resolve) =>
        signal.addEventListener('abort', resolve, { once: true }),
      );
      return;
    }
    case 'never settle':
      report({ is: 'step', by, what: 'never settles' });
      return new Promise(() => {});
    case 'close the application':
      return stage.closeApplication();
    case 'cancel':
      currentTask().cancel();
      return;
    case 'fail':
      throw new Error(`${by} fails`);
  }
}

function nameOf(step: Step): string {
  if (typeof step === 'string') return step;
  if ('gate' in step) return `gate ${step.gate}`;
  return Object.keys(step).join();
}
