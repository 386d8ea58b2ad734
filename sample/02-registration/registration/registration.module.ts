import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module.js';
import { MailModule } from '../mail/mail.module.js';
import { NotificationsModule } from '../notifications/notifications.module.js';
import { PasswordsService } from './passwords.service.js';
import { RegistrationController } from './registration.controller.js';
import { UsersRepository } from './users.repository.js';

@Module({
  imports: [DatabaseModule, MailModule, NotificationsModule],
  controllers: [RegistrationController],
  providers: [UsersRepository, PasswordsService],
})
export class RegistrationModule {}
