import { randomUUID } from 'node:crypto';
import type {
  DurableEngine,
  EngineHost,
  JobRunDetails,
  TaskJob,
  TaskJobOutcome,
  TaskSchedule,
} from 'nestjs-tasks';
import { pause } from '../../support/pause.js';

/** A job that any engine can store. */
export function newJob(more: Partial<TaskJob> = {}): TaskJob {
  return {
    version: 1,
    id: randomUUID(),
    task: 'test.task',
    args: '[[]]',
    phase: 'immediate',
    options: {},
    ...more,
  };
}

/** The job of a recurring task. */
export function newSchedule(task: string): TaskSchedule['job'] {
  return { version: 2, task, args: '', phase: 'immediate', options: {} };
}

/** Plays the application to an engine, and keeps what it is asked and told. */
export class TestHost implements EngineHost {
  readonly runs: ({ job: TaskJob; attempt: number } & JobRunDetails)[] = [];
  readonly errors: string[] = [];
  /** What recurs; set it before the engine starts. */
  schedules: readonly TaskSchedule[] = [];
  readonly warnings: string[] = [];
  /** The errors that came with the messages. */
  readonly logged: unknown[] = [];
  readonly log = {
    error: (message: string, error?: unknown) => {
      this.logged.push(error);
      this.#changed(this.errors, message);
    },
    warn: (message: string) => this.#changed(this.warnings, message),
  };
  /** What becomes of an attempt. */
  answer: (
    job: TaskJob,
    attempt: number,
    details: JobRunDetails,
  ) => TaskJobOutcome | Promise<TaskJobOutcome> = () => ({ status: 'done' });
  #listeners: (() => void)[] = [];

  async run(
    job: TaskJob,
    attempt: number,
    details: JobRunDetails = {},
  ): Promise<TaskJobOutcome> {
    this.#changed(this.runs, { job, attempt, ...details });
    return this.answer(job, attempt, details);
  }

  /** Resolves when it is true of what was asked and told. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
    }
  }

  #changed<T>(list: T[], entry: T): void {
    list.push(entry);
    for (const tell of this.#listeners.splice(0)) tell();
  }
}

export { enqueued as idsOf } from '../../../lib/testing/conformance/script.js';

/** More than a call takes that waits for nothing, and by far less than it takes to wait for a timer. */
export const FEW_TURNS = 100;

/** How often the event loop turns until something is settled, which no busy machine changes. */
export async function turnsOf(work: Promise<unknown>): Promise<number> {
  const settled = work.then(
    () => true,
    () => true,
  );
  const turn = () => new Promise<false>((r) => setImmediate(r, false));
  let turns = 0;
  while (!(await Promise.race([settled, turn()]))) turns += 1;
  return turns;
}

/** Resolves when jobs can be stored again. */
export async function backAgain(engine: DurableEngine): Promise<void> {
  for (;;) {
    try {
      await engine.enqueue([newJob({ task: 'probe' })]);
      return;
    } catch {
      await pause();
    }
  }
}

/** How long something takes, in milliseconds. */
export async function timed(work: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work.catch(() => {});
  return performance.now() - start;
}
