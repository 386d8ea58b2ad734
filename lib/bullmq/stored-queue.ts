import { randomUUID } from 'node:crypto';
import { ErrorCode, type Job, type Queue } from 'bullmq';
import { TaskCancelledError } from '../core/base/errors.js';
import type { StoredJob } from '../durable/stored-jobs.js';
import type { StoredTaskStatus } from '../durable/stored-task.js';
import type { BullmqSettings } from './bullmq-settings.js';
import { NeverAgainError } from './failed-attempt.js';
import { storeNext } from './occurrences.js';
import type { StoreConnection } from './store-connection.js';
import {
  CANCELLED_FIELD,
  COUNT_CANCELLED_SCRIPT,
  MARKS,
  PREPARE_RETRY_SCRIPT,
  TAKE_SCRIPT,
} from './stored-marks.js';
import { statusOf, storedJobOf } from './stored-view.js';

/** How long a job that is being cancelled may take until BullMQ finds it stalled. */
const LOCK_MS = 6_000;

/** The jobs of one queue, for StoredTasks. */
export class StoredQueue {
  readonly queue: string;
  readonly bull: Queue;
  readonly connection: StoreConnection;
  readonly #keptFailed: BullmqSettings['keptFailed'];

  constructor(
    queue: string,
    bull: Queue,
    connection: StoreConnection,
    keptFailed: BullmqSettings['keptFailed'],
  ) {
    this.queue = queue;
    this.bull = bull;
    this.connection = connection;
    this.#keptFailed = keptFailed;
  }

  key(name: string): string {
    return this.bull.toKey(name);
  }

  async find(jobId: string): Promise<StoredJob | undefined> {
    const { client } = this.connection;
    const [job, { state, score }, isCancelled] = await Promise.all([
      this.job(jobId),
      this.stateOf(jobId),
      client.hexists(this.key(jobId), CANCELLED_FIELD),
    ]);
    const status = statusOf(state, isCancelled === 1);
    if (!job || !status) return undefined;
    const dueScore = status === 'delayed' ? Number(score) : undefined;
    return storedJobOf(job, { queue: this.queue, status, dueScore });
  }

  /**
   * The state of a job that exists, at one moment. BullMQ itself would look through the
   * list of waiting jobs, which may be long.
   */
  async stateOf(jobId: string): Promise<{ state: string; score: unknown }> {
    const replies = await this.connection.client
      .multi()
      .zscore(this.key('completed'), jobId)
      .zscore(this.key('failed'), jobId)
      .zscore(this.key('delayed'), jobId)
      .lpos(this.key('active'), jobId)
      .exec();
    const states = ['completed', 'failed', 'delayed', 'active'];
    const at = (replies ?? []).findIndex(([, reply]) => reply !== null);
    return { state: states[at] ?? 'waiting', score: replies?.[2]?.[1] };
  }

  /**
   * A job that was found among those of a status, without asking for its state, which takes
   * BullMQ as long as its list of waiting jobs is.
   */
  async snapshot(
    jobId: string,
    status: StoredTaskStatus,
    score: number,
  ): Promise<StoredJob | undefined> {
    const isCancelled = status === 'cancelled';
    const canBeMarked = isCancelled || status === 'failed';
    const [job, mark] = await Promise.all([
      this.job(jobId),
      canBeMarked &&
        this.connection.client.hexists(this.key(jobId), CANCELLED_FIELD),
    ]);
    if (!job || (canBeMarked && (mark === 1) !== isCancelled)) return undefined;
    // It is marked a moment before it ends.
    if (isCancelled && job.finishedOn === undefined) return undefined;
    const dueScore = status === 'delayed' ? score : undefined;
    return storedJobOf(job, { queue: this.queue, status, dueScore });
  }

  /** Undefined also for one whose data was not made by BullMQ. */
  async job(jobId: string): Promise<Job | undefined> {
    try {
      return await this.bull.getJob(jobId);
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  async counts(): Promise<Record<StoredTaskStatus, number>> {
    const { client } = this.connection;
    const [counts, cancelled, expired] = await Promise.all([
      this.bull.getJobCounts(),
      client.eval(
        COUNT_CANCELLED_SCRIPT,
        3,
        this.key('failed'),
        this.key(MARKS.cancelled),
        this.key(`${MARKS.cancelled}:${randomUUID()}`),
      ),
      client.zcount(this.key(MARKS.results), '-inf', Date.now()),
    ]);
    const of = (...states: string[]) =>
      states.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
    return {
      waiting: of(
        'waiting',
        'wait',
        'paused',
        'prioritized',
        'waiting-children',
      ),
      delayed: of('delayed'),
      running: of('active'),
      succeeded: Math.max(0, of('completed') - expired),
      failed: Math.max(0, of('failed') - Number(cancelled)),
      cancelled: Number(cancelled),
    };
  }

  /** `false` when it is not where it was, or when another waiting job has its key. */
  async retry(jobId: string, status: StoredTaskStatus): Promise<boolean> {
    const job = await this.job(jobId);
    if (!job) return false;
    const { deduplicationId } = job;
    const set = status === 'succeeded' ? 'completed' : 'failed';
    const isPrepared = await this.connection.client.eval(
      PREPARE_RETRY_SCRIPT,
      8,
      ...[
        jobId,
        set,
        'active',
        `de:${deduplicationId}`,
        `dn:${deduplicationId}`,
        ...Object.values(MARKS),
      ].map((name) => this.key(name)),
      jobId,
      this.key(''),
      deduplicationId === undefined ? '0' : '1',
    );
    if (isPrepared !== 1) return false;
    try {
      await job.retry(set, { resetAttemptsMade: true });
      return true;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }

  /** Ends a job that waits, or asks the worker that runs it to end it. */
  async cancel(jobId: string): Promise<boolean> {
    const { client } = this.connection;
    const token = randomUUID();
    const taken = await client.eval(
      TAKE_SCRIPT,
      7,
      ...['wait', 'paused', 'prioritized', 'delayed', 'active'].map((name) =>
        this.key(name),
      ),
      this.key(jobId),
      this.key(`${jobId}:lock`),
      jobId,
      token,
      LOCK_MS,
    );
    if (taken === 1) return this.#end(jobId, token);
    if ((await this.stateOf(jobId)).state !== 'active') return false;
    const asked = await client.zadd(
      this.key(MARKS.cancelling),
      'NX',
      Date.now(),
      jobId,
    );
    return asked === 1;
  }

  /** `false` when it runs, and for the next job of a job scheduler, which needs it. */
  async remove(jobId: string): Promise<boolean> {
    if (!(await this.#removed(jobId))) return false;
    const { client } = this.connection;
    await Promise.all(
      Object.values(MARKS).map((mark) => client.zrem(this.key(mark), jobId)),
    );
    return true;
  }

  async #removed(jobId: string): Promise<boolean> {
    // BullMQ removes what is not there.
    const isThere = await this.connection.client.exists(this.key(jobId));
    if (!isThere) return false;
    try {
      return (await this.bull.remove(jobId)) === 1;
    } catch (error) {
      if (codeOf(error) === ErrorCode.JobBelongsToJobScheduler) return false;
      throw error;
    }
  }

  async #end(jobId: string, token: string): Promise<boolean> {
    const job = await this.job(jobId);
    if (!job) return false;
    await storeNext(job, this.bull);
    await this.connection.client.zadd(
      this.key(MARKS.cancelled),
      Date.now(),
      jobId,
    );
    if (this.#keptFailed) job.opts.removeOnFail = this.#keptFailed;
    const error = new NeverAgainError(new TaskCancelledError(job.name));
    await job.moveToFailed(error, token);
    return true;
  }
}

/** Whether a job was removed, or moved by somebody else. */
function isGone(error: unknown): boolean {
  const code = codeOf(error);
  return code === ErrorCode.JobNotExist || code === ErrorCode.JobNotInState;
}

function codeOf(error: unknown): unknown {
  return (Object(error) as { code?: unknown }).code;
}
