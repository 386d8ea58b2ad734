import { Inject, Injectable } from '@nestjs/common';
import { Environment, environment } from '../environment.js';
import { Mailer } from './mailer.js';

/** The mails of the application. */
@Injectable()
export class MailTasks {
  constructor(
    @Inject(environment.KEY)
    private readonly config: Environment,
    private readonly mailer: Mailer,
  ) {}

  readonly verification = async (
    email: string,
    token: string,
    name: string,
  ): Promise<void> => {
    const link = new URL('/verify', this.config.PUBLIC_URL);
    link.searchParams.set('token', token);
    await this.mailer.send({
      to: { name, address: email },
      subject: 'Verify your email',
      text: `Hello ${name},\n\nplease verify your email within 24 hours:\n\n${link.href}\n`,
    });
  };

  readonly welcome = async (email: string, name: string): Promise<void> => {
    await this.mailer.send({
      to: { name, address: email },
      subject: 'Welcome to Our App!',
      text: `Hello ${name},\n\nyour email is verified. Welcome!\n`,
    });
  };
}
