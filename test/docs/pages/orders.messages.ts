import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { Tasks } from 'nestjs-tasks';
import { MailTasks } from './mail.tasks.js';

@Controller()
export class OrdersMessages {
  @MessagePattern('order')
  order(@Payload('email') email: string, @Tasks() tasks: Tasks) {
    tasks.afterResponse.of(MailTasks).confirm(email);
    return 'accepted';
  }

  // NestJS 12 types the handlers of events so narrowly that decorated parameters of
  // other types do not compile. A pattern of this type keeps the parameters free.
  @EventPattern<string>('ordered')
  ordered(@Payload('email') email: string, @Tasks() tasks: Tasks) {
    tasks.afterResponse.of(MailTasks).confirm(email);
  }
}
