import { Inject, Injectable } from '@nestjs/common';
import { currentTask, Task } from 'nestjs-tasks';
import { postJson } from '../../post-json.js';
import { environment, type Environment } from '../environment.js';

@Injectable()
export class MailTasks {
  constructor(@Inject(environment.KEY) private readonly config: Environment) {}

  @Task('mail.welcome', {
    durable: true,
    shield: true,
    timeout: '5s',
    retries: 20,
    backoff: { type: 'exponential', delay: '200ms', max: '2s', jitter: 1 },
  })
  async welcome(email: string): Promise<void> {
    const { key, attempt } = currentTask();
    await postJson(`${this.config.MAIL_URL}/send`, { to: email, key, attempt });
  }
}
