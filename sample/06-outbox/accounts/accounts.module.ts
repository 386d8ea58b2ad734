import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module.js';
import { AccountsController } from './accounts.controller.js';
import { MailTasks } from './mail-tasks.js';

@Module({
  imports: [DatabaseModule],
  controllers: [AccountsController],
  providers: [MailTasks],
})
export class AccountsModule {}
