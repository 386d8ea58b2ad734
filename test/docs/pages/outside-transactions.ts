import { Injectable } from '@nestjs/common';
import { TransactionHost } from '@nestjs-cls/transactional';
import type { Task, TaskInterceptor } from 'nestjs-tasks';

/**
 * For the option `interceptors`. A task keeps the async context of its call, and with it
 * the transaction of the caller, which may be over before the task is.
 */
@Injectable()
export class OutsideTransactions implements TaskInterceptor {
  constructor(private readonly host: TransactionHost) {}

  intercept(_task: Task, next: () => Promise<unknown>) {
    return this.host.withoutTransaction(next);
  }
}
