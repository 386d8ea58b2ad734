import type { EngineHost, TaskJob } from '../durable/durable-engine.js';
import { describe } from '../core/base/describe.js';
import { DEFAULT_QUEUE } from '../core/running/durable-task.js';
import {
  optionGroup,
  refuse,
  type OptionCheck,
} from '../core/options/check-options.js';
import { TaskInvalidOptionError } from '../core/base/errors.js';
import { aQueue } from '../core/options/task-option-checks.js';

/**
 * How this process works one queue.
 *
 * @publicApi
 */
export interface QueueOptions {
  /**
   * How many of its jobs run at once in this process; with 0 it is left to others.
   *
   * @default that of the worker
   */
  concurrency?: number | undefined;
}

/**
 * The queues that a process works: for each its concurrency, or its options.
 *
 * @publicApi
 */
export type WorkerQueues<Q extends QueueOptions = QueueOptions> = Readonly<
  Record<string, number | Q>
>;

/** How a queue is worked, complete. */
export type QueueWork<Q extends QueueOptions = QueueOptions> = Q & {
  readonly concurrency: number;
};

/** What the options of a worker say of its queues. */
export interface QueueWorkers<Q extends QueueOptions = QueueOptions> {
  /** Of each queue that has none of its own. */
  readonly concurrency: number;
  /** All that declared tasks name, if it is missing. */
  readonly queues?: WorkerQueues<Q> | undefined;
}

/** Checks `worker.queues`. */
export function workerQueues(
  checks: Readonly<Record<string, OptionCheck>> & { concurrency: OptionCheck },
): OptionCheck {
  const options = optionGroup(checks);
  return (value, option) => {
    if (
      typeof value !== 'object' ||
      value === null ||
      Array.isArray(value) ||
      Object.keys(value).length === 0
    ) {
      refuse(option, 'an object with a number or options per queue', value);
    }
    for (const [queue, given] of Object.entries(value) as [string, unknown][]) {
      aQueue(queue, `a queue in ${option}`);
      if (typeof given === 'object') options(given, `${option}.${queue}`);
      else checks.concurrency(given, `${option}.${queue}`);
    }
  };
}

/** Refuses the limiter of a queue: what a store cannot do is not imitated. */
export function noLimiter(engine: string): OptionCheck {
  return (_value, option) => {
    throw new TaskInvalidOptionError(
      `\`${option}\` must not be set, as ${engine} has no limiter. Leave it out and lower \`concurrency\`, or use bullmqEngine(), which has one.`,
    );
  };
}

/** The queues of an engine: which of them this process works, and which it has heard of. */
export class QueuePlan<Q extends QueueOptions = QueueOptions> {
  readonly #workers: QueueWorkers<Q> | false;
  #declared: readonly string[] | undefined;

  /** @param workers `false` in a process that only stores jobs */
  constructor(workers: QueueWorkers<Q> | false) {
    this.#workers = workers;
  }

  /** The application has started, and names the queues of its tasks. */
  start({ queues = [DEFAULT_QUEUE] }: Pick<EngineHost, 'queues'>): void {
    this.#declared = queues;
  }

  get isStarted(): boolean {
    return this.#declared !== undefined;
  }

  /** Those that this process works. */
  get worked(): readonly [string, QueueWork<Q>][] {
    if (!this.#workers) return [];
    const { concurrency, queues } = this.#workers;
    const given: [string, Q | number][] = queues
      ? Object.entries(queues)
      : (this.#declared ?? []).map((queue) => [queue, concurrency]);
    return given
      .map(([queue, options]): [string, QueueWork<Q>] => [
        queue,
        workOf(options, concurrency),
      ])
      .filter(([, work]) => work.concurrency > 0);
  }

  /** Those that can be known before a job is stored in them. */
  get known(): readonly string[] {
    const given = this.#workers ? (this.#workers.queues ?? {}) : {};
    return [...new Set([...(this.#declared ?? []), ...Object.keys(given)])];
  }

  /** Whether its jobs run here, or may be expected to run in other processes. */
  knows(queue: string): boolean {
    if (!this.#workers || !this.#declared) return true;
    const { queues } = this.#workers;
    return queues
      ? Object.hasOwn(queues, queue)
      : this.#declared.includes(queue);
  }
}

/** The compiler does not see that only `concurrency` may be missing in what a number stands for. */
function workOf<Q extends QueueOptions>(
  given: Q | number,
  concurrency: number,
): QueueWork<Q> {
  const options = typeof given === 'number' ? { concurrency: given } : given;
  return {
    ...options,
    concurrency: options.concurrency ?? concurrency,
  } as QueueWork<Q>;
}

/**
 * A queue by its name, for those who ask for stored tasks.
 *
 * @throws TaskInvalidOptionError for one that this process does not know
 */
export function knownQueue<Q>(queues: ReadonlyMap<string, Q>, name: string): Q {
  const queue = queues.get(name);
  if (queue !== undefined) return queue;
  throw new TaskInvalidOptionError(
    `\`queue\` must be one of those that this process knows, ${[...queues.keys()].join(', ')}, got ${describe(name)}. ` +
      'It knows the queues of its declared tasks, those in `worker.queues`, and those that it has stored tasks in.',
  );
}

/** The queue of that name, or all of them without one, by their names. */
export function queuesMeant<Q>(
  queues: ReadonlyMap<string, Q>,
  name: string | undefined,
): readonly (readonly [string, Q])[] {
  return name === undefined ? [...queues] : [[name, knownQueue(queues, name)]];
}

/**
 * The name of a queue in a store that several applications may share. The default one has
 * that of the only queue of 0.1.0, so that its jobs go on.
 */
export function storedQueue(base: string, queue: string): string {
  return queue === DEFAULT_QUEUE ? base : `${base}.${queue}`;
}

/**
 * Stores jobs queue by queue, and returns the results in the order of the jobs.
 *
 * @throws (rejects with) an error when nothing is stored
 */
export async function addByQueue(
  jobs: readonly TaskJob[],
  add: (
    queue: string,
    jobs: readonly TaskJob[],
  ) => Promise<readonly (string | Error)[]>,
): Promise<readonly (string | Error)[]> {
  const [first = DEFAULT_QUEUE, ...others] = new Set(jobs.map(queueOf));
  if (others.length === 0) return add(first, jobs);
  const results = new Map<TaskJob, string | Error>();
  let failure: unknown;
  await Promise.all(
    [first, ...others].map(async (queue) => {
      const group = jobs.filter((job) => queueOf(job) === queue);
      try {
        const stored = await add(queue, group);
        group.forEach((job, at) => results.set(job, stored[at] ?? job.id));
      } catch (error) {
        failure = error;
        for (const job of group) results.set(job, error as Error);
      }
    }),
  );
  const inOrder = jobs.map((job) => results.get(job) ?? job.id);
  if (failure && inOrder.every((result) => result instanceof Error)) {
    throw failure;
  }
  return inOrder;
}

function queueOf({ queue = DEFAULT_QUEUE }: TaskJob): string {
  return queue;
}
