import { Worker } from 'bullmq';

/** A worker that can be left alone with what it does, whatever Redis does. */
export class JobWorker extends Worker {
  /** Ends what would go on by itself after `close()` was not done in time. */
  abandon(): void {
    void this.lockManager.close();
  }
}
