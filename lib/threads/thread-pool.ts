import { quoted } from '../core/base/describe.js';
import type { Piscina } from 'piscina';
import type { AppResource } from '../core/app/app-resources.js';
import { systemClock } from '../core/base/clock.js';
import { TaskDroppedError } from '../core/base/errors.js';
import { TaskPeerMissingError } from '../core/base/durable-errors.js';
import { Slots } from '../core/running/slots.js';
import type { Log } from '../core/base/log.js';
import type { ThreadSettings } from '../core/options/task-settings.js';
import { messageOf } from '../core/base/to-error.js';
import { Waiter } from '../core/base/waiting-line.js';
import { decodeThrown, encodeThrown } from './encoded-thrown.js';
import { failureToCopy } from './examine-arguments.js';
import { TaskThreadError } from './task-thread-error.js';
import type { ThreadAnswer, ThreadCall } from './thread-call.js';
import { THREAD_ENTRY } from './thread-entry-file.js';

/** The owner of a pool: an application, or a single call. */
export interface ThreadPoolOwner {
  readonly settings: { readonly threads: ThreadSettings };
  readonly log: Log;
}

/**
 * The threads of one application. A thread starts on demand, and ends after the idle
 * timeout, when its call is aborted, and with the application.
 */
export class ThreadPool implements AppResource {
  readonly #settings: ThreadSettings;
  readonly #log: Log;
  /**
   * Calls wait here and not in piscina, which never runs its queued calls once its last
   * thread has ended, as a thread does when its call is aborted.
   */
  readonly #slots: Slots<WaitingCall>;
  /** The calls that were given to the pool. */
  readonly #running = new Set<AbortController>();
  #pool: Promise<Piscina> | undefined;
  #isDisposed = false;
  /** The error of a thread that had no call. */
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
   * Runs a call on a thread as soon as one is free. When the signal aborts, the thread is
   * terminated.
   *
   * @throws (rejects with) the reason of the signal
   * @throws (rejects with) TaskThreadError when the thread ends without an answer
   * @throws (rejects with) TaskPeerMissingError when piscina is not installed
   */
  async run(call: ThreadCall, signal?: AbortSignal): Promise<ThreadAnswer> {
    signal?.throwIfAborted();
    // Not the signal itself, as dispose() and lost threads abort the call too.
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
      // With atomics an idle thread blocks, and so do timers that the last call left behind.
      atomics: 'disabled',
      recordTiming: false,
    });
    pool.on('error', (thrown: unknown) => {
      const error = decodeThrown(encodeThrown(thrown));
      this.#log.error(
        `A thread failed while it was idle: ${messageOf(error)}`,
        error,
      );
      this.#lastFailure = error;
    });
    pool.on('workerDestroy', () => {
      // On the next turn the error is known and running calls have their new thread.
      systemClock.nextTurn(() => this.#endStranded(pool));
    });
    return pool;
  }

  /** Aborts the calls of a pool whose threads fail to start: they would wait forever. */
  #endStranded(pool: Piscina): void {
    const cause = this.#lastFailure;
    this.#lastFailure = undefined;
    if (pool.threads.length > 0) return;
    const why = cause === undefined ? '' : `: ${messageOf(cause)}`;
    for (const abortion of this.#running) {
      const message = `The thread ended before it received the call${why}`;
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

/** A call for which no thread is free. */
class WaitingCall extends Waiter {
  readonly enter: () => void;

  constructor(enter: () => void) {
    super();
    this.enter = enter;
  }
}

/** The error of a call that ended without an answer. */
function failureOf({ exportName, args }: ThreadCall, error: unknown): Error {
  const cause = decodeThrown(encodeThrown(error));
  return (
    failureToCopy(exportName, args) ??
    new TaskThreadError(
      `The thread of ${quoted(exportName)} ended before the function did: ${messageOf(cause)}`,
      { cause },
    )
  );
}

function hasShutDown(): Error {
  return new TaskDroppedError('The application has shut down its threads.');
}
