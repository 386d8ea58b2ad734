import { Injectable } from '@nestjs/common';
import { currentTask, Task } from 'nestjs-tasks';

@Injectable()
export class ReportTasks {
  @Task('report.nightly', {
    durable: true,
    retries: 5,
    repeat: { cron: '0 3 * * *', timeZone: 'Europe/Berlin' },
  })
  async nightly() {
    const { scheduledFor } = currentTask();
    return scheduledFor;
  }

  @Task('inbox.poll', { durable: true, repeat: { every: '15m' } })
  async poll() {}
}
