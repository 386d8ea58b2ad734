/** Compile-time cases: this file is checked by `tsc`, and never run. */
import { Controller, Injectable, Post } from '@nestjs/common';
import { OnTaskError, Task, Tasks } from 'nestjs-tasks';
import { check, use, type Equal } from './equal.js';

// `Tasks` and `Task` are each a decorator and the type that goes with it.
@Controller()
class Orders {
  @Post()
  create(@Tasks() tasks: Tasks, id: string): Task<[string], number> {
    check<Equal<typeof tasks, Tasks>>();
    return tasks.schedule((text: string) => text.length, id);
  }

  // @ts-expect-error the decorator is called
  update(@Tasks tasks: Tasks) {
    return tasks;
  }

  // @ts-expect-error it takes no options
  remove(@Tasks({ shield: true }) tasks: Tasks) {
    return tasks;
  }
}

@Injectable()
class MailTasks {
  @Task()
  welcome(email: string) {
    return email;
  }

  @Task('mail.goodbye', { retries: 3, timeout: '10s', shield: true })
  async goodbye(email: string) {
    return email;
  }

  @Task(undefined, { runOn: 'always' })
  @OnTaskError()
  report(task: Task, error: Error) {
    return [task, error];
  }

  @OnTaskError('mail.goodbye')
  onGoodbye(task: Task, error: Error) {
    return [task, error];
  }

  @OnTaskError('mail.goodbye')
  @OnTaskError('mail.welcome')
  onAny() {}

  @Task('mail.digest', { durable: true, repeat: { cron: '0 3 * * *' } })
  digest(day = new Date(), language?: string) {
    return [day, language];
  }

  @Task('mail.poll', {
    durable: true,
    retries: 2,
    repeat: { every: '15m', missed: 'skip', overlap: 'allow' },
  })
  poll() {}

  // @ts-expect-error an occurrence has no arguments
  @Task('mail.weekly', { durable: true, repeat: { cron: '@weekly' } })
  weekly(day: string) {
    return day;
  }

  // @ts-expect-error only an engine keeps a schedule
  @Task('mail.memory', { repeat: { every: '1m' } })
  memory() {}

  // @ts-expect-error either a cron expression or an interval
  @Task('mail.both', { durable: true, repeat: { cron: '', every: '1m' } })
  both() {}

  // @ts-expect-error an interval has no time zone
  @Task('mail.zone', { durable: true, repeat: { every: 1, timeZone: 'UTC' } })
  zone() {}

  // @ts-expect-error a name that is not a string
  @Task(Symbol('x'))
  symbol() {}

  // @ts-expect-error options in place of the name
  @Task({ retries: 3 })
  options() {}

  // @ts-expect-error an unknown option
  @Task('mail.unknown', { retry: 3 })
  unknown() {}

  // @ts-expect-error the name is not among the options
  @Task('mail.name', { name: 'x' })
  name() {}

  // @ts-expect-error a signal belongs to a call
  @Task('mail.signal', { signal: AbortSignal.abort() })
  signal() {}

  // @ts-expect-error the decorator is called
  @Task
  called() {}

  // @ts-expect-error tasks are not identified by patterns
  @OnTaskError(/mail/)
  pattern() {}

  // @ts-expect-error a property
  @OnTaskError()
  property = () => {};

  // @ts-expect-error @Tasks() belongs on a parameter
  @Tasks()
  tasks() {}
}
use(Orders, MailTasks);

// @ts-expect-error a class
@Task()
class Declared {}
use(Declared);
