import {
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { Tasks } from 'nestjs-tasks';
import { MailTasks } from './mail.tasks.js';

@WebSocketGateway()
export class OrdersGateway {
  @SubscribeMessage('order')
  order(@MessageBody('email') email: string, @Tasks() tasks: Tasks) {
    tasks.afterResponse.of(MailTasks).confirm(email);
    return { event: 'order', data: 'accepted' };
  }
}
