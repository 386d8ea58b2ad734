import { randomUUID } from 'node:crypto';
import type { DurableEngine, TaskJob } from '../../durable/durable-engine.js';
import { JOB_VERSION } from '../../durable/envelope.js';
import type { EngineFeature } from '../../core/running/durable-task.js';
import type { ScriptedHost } from './scripted-host.js';

/** What a script works with: an engine of its own, and the application it runs jobs in. */
export interface Bench {
  readonly engine: DurableEngine;
  readonly host: ScriptedHost;
  /** Creates a job that differs from all others. */
  job(more?: Partial<TaskJob>): TaskJob;
}

/** Proves one requirement of the contract. */
export interface Script {
  /** The requirement, as the title of a test. */
  readonly name: string;
  /**
   * How many jobs the engine may run at once.
   *
   * @default 10
   */
  readonly concurrency?: number;
  /**
   * Whether the engine is started before the script acts.
   *
   * @default true
   */
  readonly isStarted?: boolean;
  /**
   * The queues that the application names.
   *
   * @default ['default']
   */
  readonly queues?: readonly string[];
  /** What the engine must be able to do; without it, the requirement does not apply. */
  readonly feature?: EngineFeature;
  readonly act: (bench: Bench) => Promise<void>;
}

export function newJob(more: Partial<TaskJob> = {}): TaskJob {
  return {
    version: JOB_VERSION,
    id: randomUUID(),
    task: 'conformance.task',
    args: '[[]]',
    phase: 'immediate',
    options: {},
    ...more,
  };
}

/** Stores jobs, and returns their ids in the store. */
export async function enqueued(
  engine: DurableEngine,
  jobs: readonly TaskJob[],
): Promise<readonly string[]> {
  const results = await engine.enqueue(jobs);
  return results.map((result) => {
    if (typeof result === 'string') return result;
    throw result;
  });
}

/** Runs two jobs one after the other, so that everything due before them has run. */
export async function runOthers({ engine, host, job }: Bench): Promise<void> {
  for (let passed = 0; passed < 2; passed += 1) {
    const other = job();
    await engine.enqueue([other]);
    await host.ran(1, other);
  }
}

/** A promise that jobs wait for until the script opens it. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
