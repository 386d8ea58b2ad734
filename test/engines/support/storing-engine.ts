import type { DurableEngine, EngineHost, TaskJob } from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';

/** An engine that stores as the test says, and runs nothing. */
export class StoringEngine implements DurableEngine {
  readonly name = 'storing';
  readonly codec = inProcessEngine().codec;
  readonly calls: TaskJob[][] = [];
  readonly cancelled: string[] = [];
  /** What the application has asked for, in order. */
  readonly asked: string[] = [];
  features: DurableEngine['features'];
  stored: DurableEngine['stored'];
  host: EngineHost | undefined;
  answer: (jobs: readonly TaskJob[]) => Promise<unknown> = () =>
    Promise.resolve();

  constructor(
    readonly fallback?: 'in-process' | 'fail',
    readonly enqueueTimeout?: number,
  ) {}

  /** The jobs of all calls. */
  get jobs(): TaskJob[] {
    return this.calls.flat();
  }

  async start(host: EngineHost) {
    this.asked.push('start');
    this.host = host;
  }

  /** Resolves with what `answer` gives, or with ids. */
  async enqueue(
    jobs: readonly TaskJob[],
    transaction?: unknown,
  ): Promise<readonly (string | Error)[]> {
    this.calls.push([...jobs]);
    if (typeof transaction === 'function') transaction();
    const answer = await this.answer(jobs);
    return Array.isArray(answer)
      ? (answer as (string | Error)[])
      : jobs.map(({ id }) => `job of ${id}`);
  }

  async cancel(jobId: string) {
    this.cancelled.push(jobId);
    return true;
  }

  async pause() {
    this.asked.push('pause');
  }

  async stop() {
    this.asked.push('stop');
  }
}
