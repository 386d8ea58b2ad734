import { Injectable } from '@nestjs/common';
import { Task } from 'nestjs-tasks';

@Injectable()
export class MailTasks {
  readonly sent: string[] = [];

  @Task('mail.confirm')
  confirm(email: string) {
    this.sent.push(email);
  }
}
