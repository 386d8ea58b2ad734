import type { TaskEvent } from '../../core/task/task-event.js';
import type { Task } from '../../core/task/task.js';
import { RecentDurations } from './recent-durations.js';
import { COUNTED, Throughput } from './throughput.js';

/** How many tasks came and ended in the last minutes, and how long they waited and ran. */
export class Rates {
  readonly throughput = new Throughput();
  readonly waits = new RecentDurations();
  readonly runs = new RecentDurations();

  scheduled({ scheduledAt }: Task): void {
    this.throughput.count(COUNTED.scheduled, scheduledAt);
  }

  started({ attempt, scheduledAt, startedAt = scheduledAt }: Task): void {
    if (attempt === 1) this.waits.add(startedAt - scheduledAt, startedAt);
  }

  settled({ type, task }: TaskEvent): void {
    const { scheduledAt, startedAt, endedAt = scheduledAt } = task;
    if (type !== 'succeeded' && type !== 'failed') {
      return this.throughput.count(COUNTED.other, endedAt);
    }
    this.throughput.count(COUNTED[type], endedAt);
    if (startedAt) this.runs.add(endedAt - startedAt, endedAt);
  }
}
