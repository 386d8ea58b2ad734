import { queueKeyOf } from '../durable/envelope.js';
import type {
  StoredJob,
  StoredJobFilter,
  StoredJobPage,
  StoredJobs,
} from '../durable/stored-jobs.js';
import {
  noCounts,
  STORED_STATUSES,
  type StoredSchedule,
  type StoredTaskCounts,
} from '../durable/stored-task.js';
import { knownQueue, queuesMeant } from '../engine-kit/queues.js';
import { isUuid, uuidOf } from '../engine-kit/uuid.js';
import type { OpenBoss } from './open-boss.js';
import { rowsOf } from './pg-boss-database.js';
import { FOR_EVER_S, type PgBossSettings } from './pg-boss-settings.js';
import { storeError } from './store-error.js';
import { pauseMarkOf } from './queue-marks.js';
import { storedSchedules } from './occurrence-chain.js';
import { ScheduleStatements } from './schedule-statements.js';
import { storedJobOf, type StoredRow } from './stored-row.js';
import { cursorOf, placeIn } from './stored-cursor.js';
import { StoredStatements } from './stored-statements.js';

/** What the access to stored jobs needs of its engine. */
export interface StoredSource {
  /** Rejects when the database is not available in time. */
  connected(): Promise<OpenBoss>;
  /** The names of the queues in the database, by their own. */
  queues(): ReadonlyMap<string, string>;
  /** Tells all workers that jobs have become due, or that something else has changed. */
  announce(
    open: OpenBoss,
    what: 'jobs' | 'changes',
    queue: string,
  ): Promise<void>;
}

/** Access to the jobs in the table of pg-boss. */
export class StoredInPostgres implements StoredJobs {
  readonly #source: StoredSource;
  readonly #statements: StoredStatements;
  readonly #schedules: ScheduleStatements;

  constructor(source: StoredSource, settings: PgBossSettings) {
    this.#source = source;
    this.#statements = new StoredStatements(settings);
    this.#schedules = new ScheduleStatements(settings);
  }

  get queues(): readonly string[] {
    return [...this.#source.queues().keys()];
  }

  async find(id: string): Promise<StoredJob | undefined> {
    const names = [...this.#source.queues().values()];
    const jobId = isUuid(id) ? id : uuidOf(`id ${id}`);
    const [row] = await this.#rows(this.#statements.find, [names, jobId]);
    if (row) return this.#job(row);
    // The id of a job with a key is made of the key.
    const [keyed] = await this.#rows(this.#statements.findKeyed, [
      names,
      id,
      jsonOf('id', id),
    ]);
    return keyed && this.#job(keyed);
  }

  async page(
    { statuses, queue, name, key }: StoredJobFilter,
    limit: number,
    cursor?: string,
  ): Promise<StoredJobPage> {
    const queues = queuesMeant(this.#source.queues(), queue);
    const sections = statuses.flatMap((status) =>
      queues.map(([own, stored]) => ({ status, own, stored })),
    );
    const jobs: StoredJob[] = [];
    let [at, after] = placeIn(cursor);
    for (; at < sections.length; at += 1, after = [null, null]) {
      const section = sections[at];
      if (!section) break;
      const { status, own, stored } = section;
      const isNamed = key !== undefined && name !== undefined;
      const queueKey = isNamed
        ? uuidOf(`key ${queueKeyOf({ task: name, key, queue: own })}`)
        : null;
      const anyKey = isNamed ? undefined : key;
      const want = limit - jobs.length;
      // One more than asked for, to know whether another page follows.
      const values = [
        ...after,
        name ?? null,
        name === undefined ? null : jsonOf('task', name),
        queueKey,
        anyKey ?? null,
        anyKey === undefined ? null : jsonOf('key', anyKey),
      ];
      const statement = this.#statements.page(status, values);
      const rows = await this.#rows(statement, [stored, want + 1, ...values]);
      jobs.push(...rows.slice(0, want).map((row) => storedJobOf(row, own)));
      const last = rows[want - 1];
      if (rows.length > want && last)
        return { jobs, cursor: cursorOf(at, last) };
      if (jobs.length >= limit && at + 1 < sections.length) {
        return { jobs, cursor: cursorOf(at + 1) };
      }
    }
    return { jobs };
  }

  async counts(queue?: string): Promise<StoredTaskCounts> {
    const sum = noCounts();
    const queues = queuesMeant(this.#source.queues(), queue);
    for (const [, stored] of queues) {
      const rows = await this.#rows<{ status: string; count: string }>(
        this.#statements.counts,
        [stored],
      );
      for (const status of STORED_STATUSES) {
        const named = STATES[status] ?? status;
        const row = rows.find((each) => each.status === named);
        sum[status] += Number(row?.count ?? 0);
      }
    }
    return sum;
  }

  retry(jobs: readonly StoredJob[]): Promise<number> {
    return this.#change(jobs, async (open, queue, ids) => {
      // One by one, as two of them may have the same key.
      let count = 0;
      for (const id of ids) {
        const status = jobs.find(({ jobId }) => jobId === id)?.status ?? '';
        const values = [queue, id, STATES[status] ?? status];
        const rows = await this.#rows(this.#statements.retry, values);
        count += rows.length;
      }
      if (count > 0) await this.#source.announce(open, 'jobs', queue);
      return count;
    });
  }

  cancel(jobs: readonly StoredJob[]): Promise<number> {
    return this.#change(jobs, async (open, queue, ids) => {
      // Its type has no properties.
      const { affected = 0 } = (await open.boss.cancel(queue, [...ids])) as {
        affected?: number;
      };
      await this.#source.announce(open, 'changes', queue);
      return affected;
    });
  }

  remove(jobs: readonly StoredJob[]): Promise<number> {
    return this.#change(jobs, async (open, queue, ids) => {
      const rows = await this.#rows(this.#statements.remove, [queue, ids]);
      // An occurrence that is gone is to be followed by the next one.
      await this.#source.announce(open, 'changes', queue);
      return rows.length;
    });
  }

  async pause(queue: string): Promise<void> {
    const stored = this.#stored(queue);
    await this.#do(async (open) => {
      await open.upkeep.createQueue(pauseMarkOf(stored), {
        retentionSeconds: FOR_EVER_S,
      });
      await this.#source.announce(open, 'changes', stored);
    });
  }

  async resume(queue: string): Promise<void> {
    const stored = this.#stored(queue);
    await this.#do(async (open) => {
      await open.upkeep.deleteQueue(pauseMarkOf(stored));
      await this.#source.announce(open, 'changes', stored);
    });
  }

  async isPaused(queue: string): Promise<boolean> {
    const mark = pauseMarkOf(this.#stored(queue));
    const rows = await this.#rows(this.#statements.exists, [mark]);
    return rows.length > 0;
  }

  schedules(): Promise<readonly StoredSchedule[]> {
    const queues = this.#source.queues();
    return this.#do((open) => storedSchedules(open, this.#schedules, queues));
  }

  async #change(
    jobs: readonly StoredJob[],
    change: (
      open: OpenBoss,
      queue: string,
      ids: readonly string[],
    ) => Promise<number>,
  ): Promise<number> {
    let count = 0;
    for (const queue of new Set(jobs.map((job) => job.queue))) {
      const ids = jobs
        .filter((job) => job.queue === queue)
        .map(({ jobId }) => jobId);
      count += await this.#do((open) => change(open, this.#stored(queue), ids));
    }
    return count;
  }

  #job(row: StoredRow): StoredJob | undefined {
    for (const [own, stored] of this.#source.queues()) {
      if (stored === row.name) return storedJobOf(row, own);
    }
    return undefined;
  }

  #rows<Row = StoredRow>(text: string, values: unknown[]): Promise<Row[]> {
    return this.#do(({ boss }) => rowsOf<Row>(boss.getDb(), text, values));
  }

  async #do<T>(act: (open: OpenBoss) => Promise<T>): Promise<T> {
    const open = await this.#source.connected();
    try {
      return await act(open);
    } catch (error) {
      throw storeError(error);
    }
  }

  #stored(queue: string): string {
    return knownQueue(this.#source.queues(), queue);
  }
}

/** The statuses that pg-boss has another name for. */
const STATES: Partial<Record<string, string>> = {
  running: 'active',
  succeeded: 'completed',
};

/** A part of a job, as its JSON has it. */
function jsonOf(part: 'id' | 'task' | 'key', value: string): string {
  return JSON.stringify({ [part]: value }).slice(1, -1);
}
