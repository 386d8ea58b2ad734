import type { TaskEvent } from '../../core/task/task-event.js';
import { Last } from './last.js';
import type { PendingTask } from './pending-tasks.js';
import type { TaskRecord } from './task-record.js';
import type { TimeSlice } from './time-slice.js';

const MAX_FAILED = 200;
/** When more than these settle at a time, they soon displace those before. */
const MANY = 100;

/** A final event of which nothing is recorded yet. */
export interface NotedEnd {
  readonly event: TaskEvent;
  /** What was known of the task, if it was pending and has been removed there. */
  readonly pending: PendingTask | undefined;
}

/**
 * The last tasks that have settled, at first only their final events. Those that failed are
 * kept apart, so that others do not displace them.
 */
export class SettledTasks {
  readonly #noted: LastOfEach<NotedEnd>;
  readonly #records: LastOfEach<TaskRecord>;
  #isWritten = true;
  #takenLast = 0;

  constructor(limit: number) {
    this.#noted = new LastOfEach(limit);
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

  /** Notes a final event, and returns the one that it displaces. */
  note(
    event: TaskEvent,
    pending: PendingTask | undefined,
  ): TaskEvent | undefined {
    return this.#noted.of(event).add({ event, pending })?.event;
  }

  takeNoted(): NotedEnd[] {
    const { failed, others } = this.#noted;
    const taken = [...failed.takeAll(), ...others.takeAll()];
    this.#takenLast = taken.length;
    return taken;
  }

  /** Keeps the record of a task with this final event, and returns the one that it displaces. */
  keep(event: TaskEvent, record: TaskRecord): TaskRecord | undefined {
    this.#isWritten = false;
    return this.#records.of(event).add(record);
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

  of({ type }: TaskEvent): Last<T> {
    return type === 'failed' ? this.failed : this.others;
  }
}
