import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { currentTask } from 'nestjs-tasks';
import { createTransport, type Address } from 'nodemailer';
import { Environment, environment } from '../environment.js';

export interface Mail {
  readonly to: Address;
  readonly subject: string;
  readonly text: string;
}

/** Hands mails to the SMTP server, from within a task. */
@Injectable()
export class Mailer implements OnModuleDestroy {
  readonly #transport;

  constructor(@Inject(environment.KEY) { SMTP_URL, MAIL_FROM }: Environment) {
    this.#transport = createTransport(SMTP_URL, { from: MAIL_FROM });
  }

  onModuleDestroy(): void {
    this.#transport.close();
  }

  /** Resolves when the server has taken the mail over. */
  async send(mail: Mail): Promise<void> {
    // A timeout, and a shutdown, hang up on a server that does not answer.
    const { signal } = currentTask();
    await this.#transport.sendMail({ ...mail, signal });
  }
}
