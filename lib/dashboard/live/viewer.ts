import type { EventStream } from '../http/event-stream.js';
import type { LiveMessage, ProcessRow } from '../wire/live-message.js';
import { WINDOW_SECONDS } from '../wire/duration-bounds.js';
import type { LiveListener, LiveRecord } from './live-record.js';
import type { ScopeRecord } from './scope-record.js';
import type { TaskRecord } from './task-record.js';

/** What one message may hold, so that a storm of tasks does not become one of messages. */
const MAX_TASKS = 500;
const MAX_SCOPES = 100;

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
    this.#stream.send('live', this.#message());
  }

  close(): void {
    this.#record.listeners.delete(this);
  }

  #message(): LiveMessage {
    const now = Date.now();
    const { throughput, waits, runs } = this.#record;
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
      tasks: this.#tasks.take(MAX_TASKS).map(({ row }) => row),
      scopes: this.#scopes.take(MAX_SCOPES).map(({ row }) => row),
      goneTasks: this.#tasks.takeGone(),
      goneScopes: this.#scopes.takeGone(),
      behind: this.#tasks.size,
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

  take(limit: number): R[] {
    const taken: R[] = [];
    for (const record of this.#changed) {
      if (taken.length === limit) break;
      this.#changed.delete(record);
      this.#sent.add(record);
      taken.push(record);
    }
    return taken;
  }

  takeGone(): number[] {
    const gone = this.#gone;
    this.#gone = [];
    return gone;
  }
}
