import type { EventStream } from '../http/event-stream.js';
import {
  type LiveMessage,
  type ProcessRow,
  WINDOW_SECONDS,
} from '../wire/live-message.js';
import type { LiveListener } from './live-listener.js';
import type { LiveRecord } from './live-record.js';
import type { ScopeRecord } from './scope-record.js';
import type { TaskRecord } from './task-record.js';
import { TimeSlice } from './time-slice.js';

/** What one message may hold, so that a storm of tasks does not become one of messages. */
const MAX_TASKS = 500;
const MAX_SCOPES = 100;
/** A row may have a long stack, or arguments that are shown. */
const MAX_LENGTH = 256 * 1_024;

/**
 * One open page. It gathers what has changed since its last message, each record once, so
 * its memory is bounded by that of the record however slow the connection is.
 */
export class Viewer implements LiveListener {
  readonly #record: LiveRecord;
  readonly #stream: EventStream;
  readonly #tasks = new Dirty<TaskRecord>();
  readonly #scopes = new Dirty<ScopeRecord>();
  #process: ProcessRow | undefined;
  #sentSecond: number;

  constructor(record: LiveRecord, stream: EventStream, process: ProcessRow) {
    this.#record = record;
    this.#stream = stream;
    this.#process = process;
    this.#sentSecond = Math.floor(Date.now() / 1_000) - WINDOW_SECONDS;
    record.replay(this);
    record.listeners.add(this);
  }

  /** Whether there is more than the last message could hold. */
  get isBehind(): boolean {
    return this.#tasks.size > 0;
  }

  taskChanged(record: TaskRecord): void {
    this.#tasks.changed(record);
  }

  taskGone(record: TaskRecord): void {
    this.#tasks.gone(record);
  }

  scopeChanged(record: ScopeRecord): void {
    this.#scopes.changed(record);
  }

  scopeGone(record: ScopeRecord): void {
    this.#scopes.gone(record);
  }

  /** Sends what has changed, unless the connection is still busy with what was sent. */
  send(): void {
    if (this.#stream.isBusy) return;
    // The rows of tasks are JSON already.
    const tasks = this.#takeTasks().join();
    const others = JSON.stringify(this.#takeOthers());
    this.#stream.send('live', `{"tasks":[${tasks}],${others.slice(1)}`);
  }

  close(): void {
    this.#record.listeners.delete(this);
  }

  #takeTasks(): string[] {
    const slice = new TimeSlice();
    const rows: string[] = [];
    let length = 0;
    for (const record of this.#tasks.take(MAX_TASKS)) {
      const row = record.write();
      rows.push(row);
      length += row.length;
      if (length > MAX_LENGTH || slice.isOver()) break;
    }
    return rows;
  }

  #takeOthers(): Omit<LiveMessage, 'tasks'> {
    const now = Date.now();
    const { throughput, waits, runs } = this.#record.rates;
    const seconds = throughput.since(this.#sentSecond);
    // The current second is not over.
    this.#sentSecond = Math.floor(now / 1_000);
    const process = this.#process;
    this.#process = undefined;
    return {
      process,
      time: now,
      numbers: this.#record.numbers(),
      seconds,
      waits: waits.counts(now),
      runs: runs.counts(now),
      scopes: [...this.#scopes.take(MAX_SCOPES)].map(({ row }) => row),
      goneTasks: this.#tasks.takeGone(),
      goneScopes: this.#scopes.takeGone(),
      behind: this.#tasks.size + this.#record.left,
    };
  }
}

/** The records that have changed, or are gone, since they were sent. */
class Dirty<R extends { readonly number: number }> {
  readonly #changed = new Set<R>();
  readonly #sent = new Set<R>();
  #gone: number[] = [];

  get size(): number {
    return this.#changed.size;
  }

  changed(record: R): void {
    this.#changed.add(record);
  }

  gone(record: R): void {
    this.#changed.delete(record);
    if (this.#sent.delete(record)) this.#gone.push(record.number);
  }

  /** Those that are to be sent next; who stops leaves the others for later. */
  *take(limit: number): Generator<R, void> {
    let left = limit;
    for (const record of this.#changed) {
      if (left === 0) return;
      left -= 1;
      this.#changed.delete(record);
      this.#sent.add(record);
      yield record;
    }
  }

  takeGone(): number[] {
    const gone = this.#gone;
    this.#gone = [];
    return gone;
  }
}
