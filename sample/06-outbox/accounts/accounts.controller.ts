import { randomUUID } from 'node:crypto';
import { Body, ConflictException, Controller, Post } from '@nestjs/common';
import { Tasks } from 'nestjs-tasks';
import { Database } from '../database/database.js';
import { MailTasks } from './mail-tasks.js';

/** What a client sends; sample 02 shows how it is validated. */
export interface NewAccount {
  readonly email: string;
  readonly plan: string;
}

@Controller('accounts')
export class AccountsController {
  constructor(private readonly database: Database) {}

  /** The account, its subscription and its welcome mail exist together, or not at all. */
  @Post()
  async create(@Body() { email, plan }: NewAccount, @Tasks() tasks: Tasks) {
    const id = randomUUID();
    try {
      await this.database.transaction(async ({ query, forTasks }) => {
        await query('INSERT INTO accounts (id, email) VALUES ($1, $2)', [
          id,
          email,
        ]);
        // Stored by this transaction: if it is rolled back, there is no mail.
        tasks
          .task({ transaction: forTasks, key: `welcome:${id}` })
          .of(MailTasks)
          .welcome(email);
        // A plan that does not exist breaks the foreign key, and all is rolled back.
        await query(
          'INSERT INTO subscriptions (account, plan) VALUES ($1, $2)',
          [id, plan],
        );
      });
    } catch (error) {
      throw new ConflictException('There is such an account, or no such plan', {
        cause: error,
      });
    }
    return { id };
  }
}
