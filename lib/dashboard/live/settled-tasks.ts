import type { TaskOutcome } from '../../core/task/task-outcome.js';
import type { Task } from '../../core/task/task.js';
import { Last } from './last.js';
import type { TaskRecord } from './task-record.js';
import type { TimeSlice } from './time-slice.js';

const MAX_FAILED = 200;
/** When more than these settle at a time, they soon displace those before. */
const MANY = 100;

/** The end of a task, before it is recorded. */
export interface TaskEnd {
  readonly task: Task;
  readonly outcome: TaskOutcome;
  /** The number of its scope, which the task does not know any more. */
  readonly scope: number | undefined;
}

/**
 * The last tasks that have settled, at first only their ends. Those that failed are
 * kept apart, so that others do not displace them.
 */
export class SettledTasks {
  readonly #ends: LastOfEach<TaskEnd>;
  readonly #records: LastOfEach<TaskRecord>;
  #isWritten = true;
  #takenLast = 0;

  constructor(limit: number) {
    this.#ends = new LastOfEach(limit);
    this.#records = new LastOfEach(limit);
  }

  /** Whether the rows of all records are written. */
  get isWritten(): boolean {
    return this.#isWritten;
  }

  /** The records, failed ones first. */
  get records(): TaskRecord[] {
    const { failed, others } = this.#records;
    return [...failed.toArray(), ...others.toArray()];
  }

  /** Notes an end, and returns the one that it displaces. */
  note(end: TaskEnd): TaskEnd | undefined {
    return this.#ends.of(end.outcome).add(end);
  }

  takeNoted(): TaskEnd[] {
    const { failed, others } = this.#ends;
    const taken = [...failed.takeAll(), ...others.takeAll()];
    this.#takenLast = taken.length;
    return taken;
  }

  /** Keeps the record of a task that ended so, and returns the one that it displaces. */
  keep(outcome: TaskOutcome, record: TaskRecord): TaskRecord | undefined {
    this.#isWritten = false;
    return this.#records.of(outcome).add(record);
  }

  /** Writes rows, so that their records let go of the tasks: once the storm is over. */
  write(slice: TimeSlice): void {
    if (this.#isWritten || this.#takenLast > MANY) return;
    for (const record of this.records) {
      if (record.isWritten) continue;
      if (slice.isOver()) return;
      record.write();
    }
    this.#isWritten = true;
  }
}

class LastOfEach<T> {
  readonly failed: Last<T>;
  readonly others: Last<T>;

  constructor(limit: number) {
    this.failed = new Last(Math.min(MAX_FAILED, limit));
    this.others = new Last(limit);
  }

  of({ status }: TaskOutcome): Last<T> {
    return status === 'failed' ? this.failed : this.others;
  }
}
