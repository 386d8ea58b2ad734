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

  // @ts-expect-error a name that is no string
  @Task(Symbol('x'))
  symbol() {}

  // @ts-expect-error options in the place of the name
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

  // @ts-expect-error tasks are not known by patterns
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
