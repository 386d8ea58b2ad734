import { Injectable } from '@nestjs/common';
import type { Task, TaskErrorReporter } from 'nestjs-tasks';
import { AlertsService } from '../notifications/alerts.service.js';

/** Called once, after the last attempt. The failure has been logged by then. */
@Injectable()
export class MailErrorReporter implements TaskErrorReporter {
  constructor(private readonly alerts: AlertsService) {}

  async handle(task: Task, error: Error): Promise<void> {
    const attempts =
      task.attempt === 1 ? '1 attempt' : `${task.attempt} attempts`;
    await this.alerts.send(
      `Email delivery failed: ${task.name} after ${attempts}: ${error.message}`,
    );
  }
}
