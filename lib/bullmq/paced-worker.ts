import { Worker } from 'bullmq';
import { isConnectionLoss } from './redis-error.js';

/** The pause after Redis has refused to give the next job. */
const REFUSED_PAUSE_MS = 1_000;

/**
 * A worker of BullMQ that asks a Redis which refuses no more than once a second, keeps no
 * process alive once it is paused, and can be left to itself when `close()` takes too long.
 */
export class PacedWorker extends Worker {
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
