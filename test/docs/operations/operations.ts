import { Injectable } from '@nestjs/common';
import { StoredTasks, type StoredTask } from 'nestjs-tasks';

@Injectable()
export class Operations {
  constructor(private readonly stored: StoredTasks) {}

  /** What has failed since then, and why. In each queue the last failure comes first. */
  async failedSince(since: Date): Promise<StoredTask[]> {
    const failed: StoredTask[] = [];
    for (const queue of await this.stored.queues()) {
      for await (const task of this.stored.list({ status: 'failed', queue })) {
        if ((task.endedAt ?? 0) < since.getTime()) break;
        failed.push(task);
      }
    }
    return failed;
  }

  /** Runs one of them again, or all of a name, at most a hundred at first. */
  async runAgain(id: string): Promise<boolean> {
    return (await this.stored.retry(id)) === 1;
  }

  runAllAgain(name: string): Promise<number> {
    return this.stored.retry({ name, limit: 100 });
  }

  /** Stops the work for one order, waiting or running, in whatever process. */
  stop(orderId: string): Promise<number> {
    return this.stored.cancel({ name: 'payment.charge', key: orderId });
  }

  /** Lets what runs end and starts nothing more, for a migration of the database. */
  async drain(queue: string): Promise<void> {
    await this.stored.pause(queue);
    while ((await this.stored.counts({ queue })).running > 0) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  open(queue: string): Promise<void> {
    return this.stored.resume(queue);
  }
}
