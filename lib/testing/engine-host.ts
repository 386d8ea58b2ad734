import type {
  EngineHost,
  TaskJob,
  TaskJobOutcome,
} from '../engine/durable-engine.js';

/** One attempt that an engine has asked for. */
export interface JobRun {
  readonly job: TaskJob;
  readonly attempt: number;
  readonly startedAtMs: number;
}

type Answer = (run: JobRun) => TaskJobOutcome | Promise<TaskJobOutcome>;

/** Plays the application to an engine: does with jobs what a case says, and keeps what it was asked. */
export class ScriptedHost implements EngineHost {
  readonly runs: JobRun[] = [];
  readonly log: EngineHost['log'] = { error() {}, warn() {} };
  readonly #answer: Answer;
  #whenRun: (() => void)[] = [];

  constructor(answer: Answer = () => ({ status: 'done' })) {
    this.#answer = answer;
  }

  async run(job: TaskJob, attempt: number): Promise<TaskJobOutcome> {
    const run = { job, attempt, startedAtMs: performance.now() };
    this.runs.push(run);
    for (const tell of this.#whenRun.splice(0)) tell();
    return this.#answer(run);
  }

  /** The attempts at a job, in order. */
  attemptsOf({ id }: Pick<TaskJob, 'id'>): JobRun[] {
    return this.runs.filter((run) => run.job.id === id);
  }

  /** Resolves when so many attempts have been asked for, of one job or of all. */
  async ran(count: number, job?: Pick<TaskJob, 'id'>): Promise<void> {
    const runs = () => (job ? this.attemptsOf(job) : this.runs);
    while (runs().length < count) {
      await new Promise<void>((resolve) => this.#whenRun.push(resolve));
    }
  }
}
