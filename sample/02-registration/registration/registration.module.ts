import { Module } from '@nestjs/common';
import { DatabaseModule } from '../../database/database.module.js';
import { MailErrorReporter } from '../mail/mail-error-reporter.js';
import { MailTasks } from '../mail/mail-tasks.js';
import { Mailer } from '../mail/mailer.js';
import { AlertsService } from '../notifications/alerts.service.js';
import { AnalyticsService } from '../notifications/analytics.service.js';
import { SCHEMA } from '../schema.js';
import { PasswordsService } from './passwords.service.js';
import { RegistrationController } from './registration.controller.js';
import { UsersRepository } from './users.repository.js';

@Module({
  imports: [DatabaseModule.forRoot(SCHEMA)],
  controllers: [RegistrationController],
  providers: [
    UsersRepository,
    PasswordsService,
    Mailer,
    MailTasks,
    MailErrorReporter,
    AlertsService,
    AnalyticsService,
  ],
})
export class RegistrationModule {}
