import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { currentTask } from 'nestjs-tasks';
import { createTransport, type Address } from 'nodemailer';
import { environment, type Environment } from '../environment.js';

export interface Mail {
  readonly to: Address;
  readonly subject: string;
  readonly text: string;
}

/** Sends mails to the SMTP server; called from tasks. */
@Injectable()
export class Mailer implements OnModuleDestroy {
  readonly #transport;

  constructor(@Inject(environment.KEY) { SMTP_URL, MAIL_FROM }: Environment) {
    this.#transport = createTransport(SMTP_URL, { from: MAIL_FROM });
  }

  onModuleDestroy(): void {
    this.#transport.close();
  }

  /** Resolves when the server has accepted the mail. */
  async send(mail: Mail): Promise<void> {
    // A timeout or a shutdown aborts the connection to an unresponsive server.
    const { signal } = currentTask();
    await this.#transport.sendMail({ ...mail, signal });
  }
}
