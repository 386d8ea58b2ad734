import { Worker, type Processor, type WorkerOptions } from 'bullmq';
import type { RedisClient } from './bullmq-connection.js';
import { isConnectionLoss } from './redis-error.js';

/** The pause after Redis has refused to give the next job. */
const REFUSED_PAUSE_MS = 1_000;

/** What BullMQ declares as private, so that a later version may not have it. */
interface StalledChecks {
  moveStalledJobsToWait?(): Promise<void>;
}

/**
 * A worker of BullMQ that asks a Redis which refuses no more than once a second, asks for
 * lost jobs at little cost while none run, keeps no process alive once it is paused, and can
 * be left to itself when `close()` takes too long.
 */
export class PacedWorker extends Worker {
  constructor(
    queue: string,
    processor: Processor,
    options: WorkerOptions & { connection: RedisClient },
  ) {
    super(queue, processor, options);
    // The compiler allows no access to what is private.
    const checks = this as unknown as StalledChecks;
    const moveStalled = checks.moveStalledJobsToWait?.bind(this);
    if (!moveStalled) return;
    const active = this.toKey('active');
    // Only an active job can be stalled, and the script that looks for them takes seven commands.
    checks.moveStalledJobsToWait = async () => {
      if ((await options.connection.llen(active)) > 0) await moveStalled();
    };
  }

  protected override async moveToActive(
    ...args: Parameters<Worker['moveToActive']>
  ): ReturnType<Worker['moveToActive']> {
    try {
      return await super.moveToActive(...args);
    } catch (error) {
      // BullMQ itself waits for a connection.
      if (!isConnectionLoss(error as Error) && !this.closing) {
        await new Promise((resolve) => setTimeout(resolve, REFUSED_PAUSE_MS));
      }
      throw error;
    }
  }

  protected override async checkConnectionError<T>(
    act: () => Promise<T>,
    delayInMs?: number,
  ): Promise<T | undefined> {
    const unlessPaused = async (): Promise<T | undefined> => {
      try {
        return await act();
      } catch (error) {
        // BullMQ would wait for five seconds, although nothing is tried again.
        if (this.paused && isConnectionLoss(error as Error)) return undefined;
        throw error;
      }
    };
    return super.checkConnectionError(unlessPaused, delayInMs);
  }

  /** Stops the renewal of locks, which would otherwise go on. */
  abandon(): void {
    void this.lockManager.close();
  }
}
