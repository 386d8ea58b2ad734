import { Injectable } from '@nestjs/common';
import { currentTask, OnTaskError, Task } from 'nestjs-tasks';

interface Welcome {
  to: string;
  subject: string;
}

@Injectable()
export class MailTasks {
  readonly sent: string[] = [];
  readonly failed: string[] = [];

  @Task('mail.welcome', {
    durable: true,
    queue: 'mail',
    retries: 2, // `attempts: 3`
    backoff: { type: 'exponential', delay: '1s' },
  })
  async welcome({ to, subject }: Welcome) {
    if (!to.includes('@')) throw new Error(`no address: ${to}`);
    this.sent.push(`${subject} to ${to}, attempt ${currentTask().attempt}`);
  }

  @OnTaskError('mail.welcome') // `@OnWorkerEvent('failed')`, after the last attempt
  onFailed(task: Task<[Welcome]>) {
    this.failed.push(task.args[0].to);
  }
}
