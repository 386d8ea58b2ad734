import type {
  EngineHost,
  JobRunDetails,
  TaskJob,
  TaskJobOutcome,
} from '../../durable/durable-engine.js';
import type {
  ScheduleChanges,
  TaskSchedule,
} from '../../durable/task-schedule.js';

/** One attempt that an engine has asked for. */
export interface JobRun {
  readonly job: TaskJob;
  readonly attempt: number;
  /** How many attempts have failed before. */
  readonly failures: number;
  /** Fires when the job is no longer the engine's. */
  readonly signal: AbortSignal | undefined;
  /** Stores how far it is. */
  readonly progress: JobRunDetails['progress'];
  readonly startedAtMs: number;
  /** The same by the wall clock. */
  readonly startedOn: number;
  /** Of an occurrence of a schedule: notes that it begins. */
  readonly begin: JobRunDetails['begin'];
}

/** Plays the application to an engine: records attempts, and answers as the script says. */
export class ScriptedHost implements EngineHost {
  readonly queues: readonly string[];
  readonly runs: JobRun[] = [];
  readonly log: EngineHost['log'] = { error() {}, warn() {} };
  /** Decides what becomes of an attempt; set it before jobs are enqueued. */
  answer: (run: JobRun) => TaskJobOutcome | Promise<TaskJobOutcome> = () => ({
    status: 'done',
  });
  /** What recurs; set it before the engine starts. */
  schedules: readonly TaskSchedule[] = [];
  /** What the engine has done to its schedules. */
  readonly changes: ScheduleChanges[] = [];
  #whenRun: (() => void)[] = [];

  constructor(queues: readonly string[] = ['default']) {
    this.queues = queues;
  }

  async run(
    job: TaskJob,
    attempt: number,
    { failures = attempt - 1, signal, begin, progress }: JobRunDetails = {},
  ): Promise<TaskJobOutcome> {
    const startedAtMs = performance.now();
    const startedOn = Date.now();
    const details = { failures, signal, begin, progress };
    const run = { job, attempt, ...details, startedAtMs, startedOn };
    this.runs.push(run);
    for (const resolve of this.#whenRun.splice(0)) resolve();
    return this.answer(run);
  }

  schedulesChanged(changes: ScheduleChanges): void {
    this.changes.push(changes);
  }

  /** The attempts at a job, in order. */
  attemptsOf({ id }: Pick<TaskJob, 'id'>): JobRun[] {
    return this.runs.filter((run) => run.job.id === id);
  }

  /** Resolves when `count` attempts have been asked for, of one job or of all. */
  async ran(count: number, job?: Pick<TaskJob, 'id'>): Promise<void> {
    const runs = () => (job ? this.attemptsOf(job) : this.runs);
    while (runs().length < count) {
      await new Promise<void>((resolve) => this.#whenRun.push(resolve));
    }
  }
}
