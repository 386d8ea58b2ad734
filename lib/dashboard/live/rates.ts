import type { TaskOutcome } from '../../core/task/task-outcome.js';
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

  settled(task: Task, { status }: TaskOutcome): void {
    const { scheduledAt, startedAt, endedAt = scheduledAt } = task;
    if (status !== 'succeeded' && status !== 'failed') {
      return this.throughput.count(COUNTED.other, endedAt);
    }
    this.throughput.count(COUNTED[status], endedAt);
    if (startedAt) this.runs.add(endedAt - startedAt, endedAt);
  }
}
