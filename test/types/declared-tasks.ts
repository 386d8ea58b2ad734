/** Compile-time cases: this file is checked by `tsc`, and never run. */
import { Injectable } from '@nestjs/common';
import { of, type Observable } from 'rxjs';
import {
  Task,
  type AppTasks,
  type ScheduledMethods,
  type Tasks,
} from 'nestjs-tasks';
import { check, use, type Equal } from './equal.js';

declare const tasks: Tasks;
declare const appTasks: AppTasks;

abstract class Sender {
  abstract deliver(to: string): Promise<number>;
  @Task()
  inherited(to: string) {
    return to.length;
  }
}

@Injectable()
class MailTasks extends Sender {
  readonly sender = 'a@example.com';
  onDone: (() => void) | undefined;
  optional?(to: string): void;
  #sent = 0;

  constructor(private readonly mailer: { send(to: string): void }) {
    super();
  }

  @Task()
  async welcome(to: string, language?: 'en' | 'de') {
    this.mailer.send(to + language);
    this.#sent += 1;
    return { sent: this.#sent };
  }

  @Task()
  watch(): Observable<string> {
    return of(this.sender);
  }

  @Task()
  all(subject: string, ...to: string[]) {
    return [subject, ...to];
  }

  @Task()
  generic<T extends object>(value: T): T[] {
    return [value];
  }

  @Task()
  override async deliver(to: string) {
    return to.length;
  }

  overloaded(id: number): number;
  overloaded(id: string): string;
  @Task()
  overloaded(id: number | string): number | string {
    return id;
  }

  get count(): number {
    return this.#sent;
  }

  static create() {}
  protected hidden() {}
  private secret() {}
  protected readonly first = () => this.secret();
}

// Typed like the methods: with their parameters and their results.
const mail = tasks.of(MailTasks);
const { welcome } = mail;
check<Equal<typeof mail, ScheduledMethods<MailTasks>>>();
const welcomed = mail.welcome('b@example.com', 'de');
check<
  Equal<
    typeof welcomed,
    Task<[to: string, language?: 'en' | 'de' | undefined], { sent: number }>
  >
>();
mail.welcome('b@example.com');
const watched = mail.watch();
check<Equal<typeof watched, Task<[], string>>>();
mail.all('Hello', 'b@example.com', 'c@example.com');
const inherited = mail.inherited('b@example.com');
check<Equal<typeof inherited, Task<[to: string], number>>>();
mail.deliver('b@example.com');

// @ts-expect-error an argument of the wrong type
mail.welcome(42);
// @ts-expect-error an argument that is not among the literals
mail.welcome('b@example.com', 'fr');
// @ts-expect-error a missing argument
mail.welcome();
// @ts-expect-error one argument too many
mail.welcome('b@example.com', 'de', true);
// @ts-expect-error a rest argument of the wrong type
mail.all('Hello', 1);
// @ts-expect-error a task is not a promise
mail.welcome('b@example.com').then(() => {});

// Only methods can be scheduled.
// @ts-expect-error a name that is not a method
mail.welcom('b@example.com');
// @ts-expect-error a property that is not a method
use(mail.sender);
// @ts-expect-error a getter
use(mail.count);
// @ts-expect-error a value that may be missing
mail.onDone?.();
// @ts-expect-error a method that may be missing
mail.optional?.('b@example.com');
// @ts-expect-error a protected method
mail.hidden();
// @ts-expect-error a private method
mail.secret();
// @ts-expect-error a static method
mail.create();
// @ts-expect-error the methods are read-only
mail.welcome = welcome;

// A generic method accepts what its constraint allows; its result is not narrowed.
const listed = mail.generic({ id: '1' });
check<Equal<typeof listed, Task<[value: object], object[]>>>();
// @ts-expect-error a type that the constraint does not allow
mail.generic(1);

// Of an overloaded method, the last signature is used.
const byText = mail.overloaded('1');
check<Equal<typeof byText, Task<[id: string], string>>>();
// @ts-expect-error an earlier overload
mail.overloaded(1);

// Every scheduler has these methods, with options too.
const later = tasks.afterResponse.task({ retries: 3 }).of(MailTasks);
check<Equal<typeof later, ScheduledMethods<MailTasks>>>();
const atOnce = appTasks.of(MailTasks);
check<Equal<typeof atOnce, ScheduledMethods<MailTasks>>>();

// A base class, whose provider may be any class that extends it.
appTasks.of<Sender>(MailTasks).deliver('b@example.com');
// @ts-expect-error an instance
tasks.of(new MailTasks({ send() {} }));
// @ts-expect-error a token
tasks.of('MailTasks');
// @ts-expect-error a function
tasks.of(() => MailTasks);

// A method is also a function to schedule.
declare const provider: MailTasks;
const scheduled = tasks.schedule(provider.welcome, 'b@example.com');
check<Equal<typeof scheduled, Task<[string], { sent: number }>>>();
// @ts-expect-error an argument of the wrong type
tasks.schedule(provider.welcome, 42);
