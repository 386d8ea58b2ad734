import { Inject, Injectable } from '@nestjs/common';
import { Task } from 'nestjs-tasks';
import type { NodemailerError } from 'nodemailer';
import { environment, type Environment } from '../environment.js';
import { MailErrorReporter } from './mail-error-reporter.js';
import { Mailer } from './mailer.js';

/** The mails of the application. None is shielded: a shutdown drops unsent mails. */
@Injectable()
export class MailTasks {
  constructor(
    @Inject(environment.KEY)
    private readonly config: Environment,
    private readonly mailer: Mailer,
  ) {}

  @Task('mail.verification', {
    timeout: '10s',
    retries: 3,
    retryIf: isTemporary,
    onError: MailErrorReporter,
  })
  async verification(email: string, token: string, name: string) {
    const link = new URL('/verify', this.config.PUBLIC_URL);
    link.searchParams.set('token', token);
    await this.mailer.send({
      to: { name, address: email },
      subject: 'Verify your email',
      text: `Hello ${name},\n\nplease verify your email within 24 hours:\n\n${link.href}\n`,
    });
  }

  @Task('mail.welcome', { timeout: '10s' })
  async welcome(email: string, name: string) {
    await this.mailer.send({
      to: { name, address: email },
      subject: 'Welcome to Our App!',
      text: `Hello ${name},\n\nyour email is verified. Welcome!\n`,
    });
  }
}

/** A permanent refusal, such as an unknown mailbox, is not retried. */
function isTemporary(error: NodemailerError): boolean {
  return !error.permanent;
}
