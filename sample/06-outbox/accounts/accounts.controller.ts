import { randomUUID } from 'node:crypto';
import {
  Body,
  ConflictException,
  Controller,
  Post,
  ServiceUnavailableException,
} from '@nestjs/common';
import { Tasks, TaskNotStoredError } from 'nestjs-tasks';
import { Database } from '../../database/database.js';
import { forTasks } from '../outbox.js';
import { MailTasks } from './mail-tasks.js';

/** The body of a request; sample 02 shows how to validate it. */
export interface NewAccount {
  readonly email: string;
  readonly plan: string;
}

@Controller('accounts')
export class AccountsController {
  constructor(private readonly database: Database) {}

  /** The account, its subscription and its welcome mail exist together or not at all. */
  @Post()
  async create(@Body() { email, plan }: NewAccount, @Tasks() tasks: Tasks) {
    const id = randomUUID();
    try {
      await this.database.transaction(async (transaction) => {
        const { query } = transaction;
        await query('INSERT INTO accounts (id, email) VALUES ($1, $2)', [
          id,
          email,
        ]);
        // Stored by this transaction: a rollback removes the mail too.
        const mail = await tasks
          .task({ transaction: forTasks(transaction), key: `welcome:${id}` })
          .of(MailTasks)
          .welcome(email)
          .settled();
        // As before the engine has created its queue. Then there is no account either.
        if (mail.status === 'failed') throw mail.error;
        // An unknown plan violates the foreign key, and everything is rolled back.
        await query(
          'INSERT INTO subscriptions (account, plan) VALUES ($1, $2)',
          [id, plan],
        );
      });
    } catch (error) {
      if (error instanceof TaskNotStoredError) {
        throw new ServiceUnavailableException('Try again soon', {
          cause: error,
        });
      }
      throw new ConflictException('There is such an account, or no such plan', {
        cause: error,
      });
    }
    return { id };
  }
}
