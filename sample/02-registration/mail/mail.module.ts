import { Module } from '@nestjs/common';
import { NotificationsModule } from '../notifications/notifications.module.js';
import { MailErrorReporter } from './mail-error-reporter.js';
import { MailTasks } from './mail-tasks.js';
import { Mailer } from './mailer.js';

@Module({
  imports: [NotificationsModule],
  providers: [Mailer, MailTasks, MailErrorReporter],
  exports: [MailTasks],
})
export class MailModule {}
