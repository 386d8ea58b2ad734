import type { Piscina } from 'piscina';
import type { AppResource } from '../core/app-resources.js';
import { systemClock } from '../core/clock.js';
import { TaskDroppedError, TaskPeerMissingError } from '../core/errors.js';
import { Slots } from '../core/slots.js';
import type { TaskLog } from '../core/task-log.js';
import type { ThreadSettings } from '../core/task-settings.js';
import { messageOf } from '../core/to-error.js';
import { Waiter } from '../core/waiting-line.js';
import { decodeThrown, encodeThrown } from './encoded-error.js';
import { TaskThreadError } from './task-thread-error.js';
import { failureToCopy } from './thread-arguments.js';
import type { ThreadAnswer, ThreadCall } from './thread-call.js';
import { THREAD_ENTRY } from './thread-entry-file.js';

/** Whose threads they are. */
export interface ThreadPoolOwner {
  readonly settings: { readonly threads: ThreadSettings };
  readonly log: TaskLog;
}

/**
 * The threads of one application: started when there is work for them, ended when they
 * have been idle for long enough, when their call is aborted, and with the application.
 */
export class ThreadPool implements AppResource {
  readonly #settings: ThreadSettings;
  readonly #log: TaskLog;
  /**
   * Calls wait here. Those that wait in the pool itself are forgotten when the last
   * thread ends, as it does when its call is aborted.
   */
  readonly #slots: Slots<WaitingCall>;
  /** The calls that the pool has. */
  readonly #running = new Set<AbortController>();
  #pool: Promise<Piscina> | undefined;
  #isDisposed = false;
  /** Of a thread that had no call. */
  #lastFailure: unknown;

  constructor({ settings, log }: ThreadPoolOwner) {
    this.#settings = settings.threads;
    this.#log = log;
    this.#slots = new Slots(
      systemClock,
      (waiting) => waiting.enter(),
      settings.threads.max,
    );
  }

  /**
   * Runs a call on a thread as soon as one is free. When the signal fires, its thread
   * is ended.
   *
   * @throws (rejects with) the reason of the signal
   * @throws (rejects with) TaskThreadError when the thread ends without an answer
   * @throws (rejects with) TaskPeerMissingError when there is no piscina
   */
  async run(call: ThreadCall, signal?: AbortSignal): Promise<ThreadAnswer> {
    signal?.throwIfAborted();
    // One of its own, as calls also end for other reasons.
    const abortion = new AbortController();
    const abort = () => abortion.abort(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await this.#takeSlot(abortion.signal);
      try {
        return await this.#runNow(call, abortion);
      } finally {
        this.#slots.free();
      }
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    for (const abortion of this.#running) abortion.abort(hasShutDown());
    const pool = await this.#pool;
    await pool?.destroy();
  }

  async #takeSlot(signal: AbortSignal): Promise<void> {
    if (this.#slots.take()) return;
    await new Promise<void>((resolve, reject) => {
      const waiting = new WaitingCall(resolve);
      this.#slots.wait(waiting);
      const onAbort = () => waiting.leave() && reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  async #runNow(
    call: ThreadCall,
    abortion: AbortController,
  ): Promise<ThreadAnswer> {
    const { signal } = abortion;
    const pool = await this.#open();
    if (this.#isDisposed) throw hasShutDown();
    signal.throwIfAborted();
    this.#running.add(abortion);
    try {
      return (await pool.run(call, {
        filename: THREAD_ENTRY,
        name: 'runCall',
        signal,
      })) as ThreadAnswer;
    } catch (error) {
      signal.throwIfAborted();
      throw failureOf(call, error);
    } finally {
      this.#running.delete(abortion);
    }
  }

  #open(): Promise<Piscina> {
    this.#pool ??= this.#start().catch((error: unknown) => {
      this.#pool = undefined;
      throw error;
    });
    return this.#pool;
  }

  async #start(): Promise<Piscina> {
    const { max, idleTimeoutMs } = this.#settings;
    const Pool = await loadPiscina();
    const pool = new Pool({
      minThreads: 0,
      maxThreads: max,
      idleTimeout: idleTimeoutMs,
      // Else a thread without a call stands still, with all that the last one left behind.
      atomics: 'disabled',
      recordTiming: false,
    });
    pool.on('error', (thrown: unknown) => {
      const error = decodeThrown(encodeThrown(thrown));
      this.#log.error(
        `A thread failed while it had no call: ${messageOf(error)}`,
        error,
      );
      this.#lastFailure = error;
    });
    pool.on('workerDestroy', () => {
      // When it is known what failed, and calls that go on have their thread.
      systemClock.nextTurn(() => this.#endStranded(pool));
    });
    return pool;
  }

  /** Calls of a pool that has no thread any more would wait for ever: none could be started. */
  #endStranded(pool: Piscina): void {
    const cause = this.#lastFailure;
    this.#lastFailure = undefined;
    if (pool.threads.length > 0) return;
    const why = cause === undefined ? '' : `: ${messageOf(cause)}`;
    for (const abortion of this.#running) {
      const message = `Its thread ended before it could take the call${why}`;
      abortion.abort(new TaskThreadError(message, { cause }));
    }
  }
}

async function loadPiscina(): Promise<typeof Piscina> {
  try {
    const loaded = await import('piscina');
    return loaded.Piscina;
  } catch (cause) {
    throw new TaskPeerMissingError('nestjs-tasks/threads', 'piscina', {
      cause,
    });
  }
}

/** Why a call came to nothing that was not answered. */
/** A call for which no thread is free. */
class WaitingCall extends Waiter {
  readonly enter: () => void;

  constructor(enter: () => void) {
    super();
    this.enter = enter;
  }
}

function failureOf({ exportName, args }: ThreadCall, error: unknown): Error {
  const cause = decodeThrown(encodeThrown(error));
  return (
    failureToCopy(exportName, args) ??
    new TaskThreadError(
      `"${exportName}" was not done when its thread ended: ${messageOf(cause)}`,
      { cause },
    )
  );
}

function hasShutDown(): Error {
  return new TaskDroppedError('The application has shut down its threads.');
}
