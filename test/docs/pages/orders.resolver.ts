import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { Tasks } from 'nestjs-tasks';
import { MailTasks } from './mail.tasks.js';

@Resolver()
export class OrdersResolver {
  @Query(() => String)
  status() {
    return 'open';
  }

  @Mutation(() => String)
  order(
    @Args('email', { type: () => String }) email: string,
    @Tasks() tasks: Tasks,
  ) {
    tasks.afterResponse.of(MailTasks).confirm(email);
    return 'accepted';
  }
}
