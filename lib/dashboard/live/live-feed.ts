import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import { TaskInvalidOptionError } from '../../core/base/errors.js';
import type { TaskRuntime } from '../../core/app/task-runtime.js';
import { EventStream } from '../http/event-stream.js';
import { LiveRecord, type LiveLimits } from './live-record.js';
import { Viewer } from './viewer.js';

/** How often what has changed is sent, and while there is more than a message may hold. */
const TICK_MS = 500;
const BEHIND_TICK_MS = 100;
/** How long the record is kept when nobody looks, such as while a page is loaded again. */
const LINGER_MS = 10_000;

export interface LiveFeedOptions extends LiveLimits {
  /** Whether to record while nobody looks. */
  readonly record: boolean;
  readonly maxViewers: number;
  readonly hasActions: boolean;
}

/** Records while a page is open, and sends what happens to each open page. */
export class LiveFeed {
  readonly processId = randomUUID();
  readonly #runtime: TaskRuntime;
  readonly #options: LiveFeedOptions;
  readonly #viewers = new Map<Viewer, EventStream>();
  #record: LiveRecord | undefined;
  #tick: NodeJS.Timeout | undefined;
  #linger: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(runtime: TaskRuntime, options: LiveFeedOptions) {
    this.#runtime = runtime;
    this.#options = options;
    if (options.record) this.#open();
  }

  get isFull(): boolean {
    return this.#viewers.size >= this.#options.maxViewers;
  }

  get record(): LiveRecord | undefined {
    return this.#record;
  }

  /** Sends all that is known, and then what happens, until the connection closes. */
  show(response: ServerResponse): void {
    if (this.#isClosed) return void response.writeHead(503).end();
    // The client may have left while a guard was asked: `close` has been emitted then.
    if (response.destroyed || response.socket?.destroyed) return;
    const stream = new EventStream(response, () => this.#left(viewer));
    const record = this.#open();
    record.catchUp();
    const viewer = new Viewer(record, stream, {
      id: this.processId,
      pid: process.pid,
      host: hostname(),
      node: process.version,
      startedAt: Math.round(Date.now() - process.uptime() * 1_000),
      recordingSince: record.since,
      hasActions: this.#options.hasActions,
      hasStore: this.#runtime.durable !== undefined,
    });
    this.#viewers.set(viewer, stream);
    viewer.send();
  }

  /**
   * Cancels a task of this process.
   *
   * @throws TaskInvalidOptionError when another process is meant
   */
  cancel(processId: string, id: string): { readonly changed: number } {
    if (processId !== this.processId) {
      throw new TaskInvalidOptionError(
        'The task is one of another process than the one that answered. Try again.',
      );
    }
    const task = this.#record?.unsettled(id);
    const reason = new Error('It was cancelled in the dashboard.');
    return { changed: task?.cancel(reason) ? 1 : 0 };
  }

  /** Ends all connections: the server waits for them when it closes. */
  close(): void {
    this.#isClosed = true;
    for (const stream of this.#viewers.values()) stream.end();
    this.#forget();
  }

  #tickAfter(delayMs: number, record: LiveRecord): void {
    this.#tick = setTimeout(() => void this.#send(record), delayMs).unref();
  }

  /** Each page has a turn of the event loop to itself, so that other work need not wait for all. */
  async #send(record: LiveRecord): Promise<void> {
    let isBehind = false;
    for (const viewer of this.#viewers.keys()) {
      // What a message says is of one moment.
      record.catchUp();
      viewer.send();
      isBehind ||= viewer.isBehind;
      await nextTurn();
    }
    record.catchUp();
    isBehind ||= record.isBehind;
    if (record !== this.#record) return;
    this.#tickAfter(isBehind ? BEHIND_TICK_MS : TICK_MS, record);
  }

  #left(viewer: Viewer): void {
    viewer.close();
    this.#viewers.delete(viewer);
    if (this.#viewers.size > 0) return;
    if (this.#options.record || this.#isClosed) return;
    this.#linger = setTimeout(() => this.#forget(), LINGER_MS).unref();
  }

  #open(): LiveRecord {
    clearTimeout(this.#linger);
    if (!this.#record) {
      this.#record = new LiveRecord(this.#runtime, this.#options);
      this.#record.start();
      this.#tickAfter(TICK_MS, this.#record);
    }
    return this.#record;
  }

  #forget(): void {
    clearTimeout(this.#tick);
    this.#record?.stop();
    this.#record = undefined;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
