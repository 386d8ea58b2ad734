import type { TaskRecurrence } from '../core/task/recurrence.js';
import { occurrencesOf } from '../durable/occurrences.js';
import type { StoredSchedule } from '../durable/stored-task.js';
import type { TaskSchedule } from '../durable/task-schedule.js';
import type { Attempt } from './attempt-end.js';
import {
  declarationOf,
  occurrenceIn,
  occurrenceRow,
  scheduleKeyOf,
  type Occurrence,
} from './occurrence-row.js';
import type { OpenBoss } from './open-boss.js';
import { rowsOf } from './pg-boss-database.js';
import type { PgBossSettings } from './pg-boss-settings.js';
import type { ScheduleStatements } from './schedule-statements.js';

/** An occurrence that has not ended. */
export interface LiveOccurrence extends Occurrence {
  readonly jobId: string;
  readonly hasBegun: boolean;
}

/**
 * The occurrences of a queue: one of each schedule waits in the table, and is followed by
 * the next one when a worker takes it.
 */
export class OccurrenceChain {
  readonly #open: OpenBoss;
  readonly #settings: PgBossSettings;
  readonly #statements: ScheduleStatements;
  readonly #declared: ReadonlyMap<string, TaskSchedule>;
  readonly #whenDue: (dueMs: number) => void;

  /**
   * @param settings with the name of the queue
   * @param declared the schedules of this process
   * @param whenDue is told when an occurrence that this process has stored is due
   */
  constructor(
    open: OpenBoss,
    settings: PgBossSettings,
    statements: ScheduleStatements,
    declared: readonly TaskSchedule[],
    whenDue: (dueMs: number) => void,
  ) {
    this.#open = open;
    this.#settings = settings;
    this.#statements = statements;
    this.#declared = new Map(declared.map((each) => [each.task, each]));
    this.#whenDue = whenDue;
  }

  /** Those that have not ended. */
  async live(): Promise<readonly LiveOccurrence[]> {
    return liveOccurrences(this.#open, this.#statements, this.#settings.queue);
  }

  /** Removes those that have not begun, and tells how many these were. */
  async remove(occurrences: readonly LiveOccurrence[]): Promise<number> {
    if (occurrences.length === 0) return 0;
    const ids = occurrences.map(({ jobId }) => jobId);
    return (await this.#rows(this.#statements.remove, [ids])).length;
  }

  /**
   * Stores the first occurrence after a date.
   *
   * @returns its date, if there is one, and whether it was not in the table before
   */
  async add(
    schedule: TaskSchedule,
    afterMs: number,
    lastMs: number | undefined,
    declaration = declarationOf(schedule, this.#settings.application),
  ): Promise<{ dueMs: number | undefined; isNew: boolean }> {
    const { after } = await occurrencesOf(schedule.recurrence);
    const dueMs = after(afterMs);
    if (dueMs === undefined) return { dueMs, isNew: false };
    const { boss, limited: db } = this.#open;
    const { queue } = this.#settings;
    const row = occurrenceRow(
      { schedule, declaration, dueMs, lastMs },
      this.#settings,
    );
    const stored = await boss.insert(queue, [row], {
      returnId: true,
      ...(db && { db }),
    });
    this.#whenDue(dueMs);
    return { dueMs, isNew: stored !== null };
  }

  /** Stores the one that follows an occurrence, as this process or the last one declares it. */
  async follow({ schedule, dueMs, declaration }: Occurrence): Promise<void> {
    const afterMs = Math.max(dueMs, Date.now());
    const declared = this.#declared.get(schedule.task);
    await (declared
      ? this.add(declared, afterMs, dueMs)
      : this.add(schedule, afterMs, dueMs, declaration));
  }

  /** Notes that an occurrence begins; `false` while another one has not ended and may not overlap. */
  async begin(
    { id, retryCount }: Attempt,
    { schedule: { task } }: Occurrence,
    overlap: TaskRecurrence['overlap'],
  ): Promise<boolean> {
    if (overlap === 'allow') return true;
    const key = scheduleKeyOf(task);
    const values = [id, retryCount, key];
    return (await this.#rows(this.#statements.begin, values)).length > 0;
  }

  #rows(statement: string, values: readonly unknown[]): Promise<unknown[]> {
    const { queue } = this.#settings;
    return rowsOf(this.#open.boss.getDb(), statement, [queue, ...values]);
  }
}

/** The occurrences of a queue, by its name in the database, that have not ended. */
export async function liveOccurrences(
  { boss }: OpenBoss,
  { live }: ScheduleStatements,
  queue: string,
): Promise<readonly LiveOccurrence[]> {
  const rows = await rowsOf<{ id: string; data: string; state: string }>(
    boss.getDb(),
    live,
    [queue],
  );
  return rows.flatMap(({ id, data, state }) => {
    const occurrence = occurrenceIn(data);
    return occurrence
      ? [{ ...occurrence, jobId: id, hasBegun: state !== 'waits' }]
      : [];
  });
}

/** The schedules of queues, whose own names are the keys, as others read them. */
export async function storedSchedules(
  open: OpenBoss,
  statements: ScheduleStatements,
  queues: ReadonlyMap<string, string>,
): Promise<StoredSchedule[]> {
  const lists = await Promise.all(
    [...queues].map(async ([queue, stored]) => {
      const live = await liveOccurrences(open, statements, stored);
      // Two of one schedule wait for a moment when it changes.
      const waiting = live
        .filter(({ hasBegun }) => !hasBegun)
        .toSorted((one, two) => two.dueMs - one.dueMs);
      const first = new Map(waiting.map((each) => [each.schedule.task, each]));
      return [...first.values()].map(({ schedule, dueMs, lastMs }) => ({
        name: schedule.task,
        queue,
        ...schedule.recurrence,
        nextAt: dueMs,
        lastAt: lastMs,
      }));
    }),
  );
  return lists.flat();
}
