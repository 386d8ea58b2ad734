import { randomUUID } from 'node:crypto';
import type { EngineHost, TaskJob, TaskJobOutcome } from 'nestjs-tasks';

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

/** Plays the application to an engine, and keeps what it is asked and told. */
export class TestHost implements EngineHost {
  readonly runs: { job: TaskJob; attempt: number }[] = [];
  readonly errors: string[] = [];
  readonly warnings: string[] = [];
  readonly log = {
    error: (message: string) => this.#changed(this.errors, message),
    warn: (message: string) => this.#changed(this.warnings, message),
  };
  /** What becomes of an attempt. */
  answer: (
    job: TaskJob,
    attempt: number,
  ) => TaskJobOutcome | Promise<TaskJobOutcome> = () => ({ status: 'done' });
  #listeners: (() => void)[] = [];

  async run(job: TaskJob, attempt: number): Promise<TaskJobOutcome> {
    this.#changed(this.runs, { job, attempt });
    return this.answer(job, attempt);
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

/** How long something takes, in milliseconds. */
export async function timed(work: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work.catch(() => {});
  return performance.now() - start;
}
