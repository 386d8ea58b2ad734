import { Inject, Injectable } from '@nestjs/common';
import { currentTask, Task } from 'nestjs-tasks';
import { environment, type Environment } from '../environment.js';

@Injectable()
export class MailTasks {
  readonly #url: string;

  constructor(@Inject(environment.KEY) { MAIL_URL }: Environment) {
    this.#url = MAIL_URL;
  }

  @Task('mail.welcome', {
    durable: true,
    shield: true,
    timeout: '5s',
    retries: 20,
    backoff: { type: 'exponential', delay: '200ms', max: '2s', jitter: 1 },
  })
  async welcome(email: string): Promise<void> {
    const { key, attempt, signal } = currentTask();
    const response = await fetch(`${this.#url}/send`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ to: email, key, attempt }),
      signal,
    });
    if (!response.ok) throw new Error(`Mail answered ${response.status}`);
  }
}
