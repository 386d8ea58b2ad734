/** The first lines of every source. */
export const PRELUDE = `
import { Injectable } from '@nestjs/common';
import { Task, taskContract, Tasks, TasksModule, type AppTasks } from 'nestjs-tasks';
import { TasksTester } from 'nestjs-tasks/testing';
import { inThread } from 'nestjs-tasks/threads';
declare const tasks: Tasks;
declare const appTasks: AppTasks;
declare const tester: TasksTester;
declare function send(to: string, copies?: number): Promise<{ id: string }>;
declare function charge(order: { id: string; total: number }, token: string): void;
declare function resize(path: string, size: number): Buffer;
declare const url: URL;
class MailTasks {
  readonly sender = 'a@example.com';
  @Task() async welcome(to: string, language?: 'en' | 'de') { return to + language; }
  @Task() generic<T extends object>(value: T): T[] { return [value]; }
  overloaded(id: number): number;
  overloaded(id: string): string;
  @Task() overloaded(id: number | string): number | string { return id; }
}
`;

/** A mistake in a source, and the message of the compiler. */
export interface Mistake {
  readonly name: string;
  /** The source; the message points at the part between « and ». */
  readonly source: string;
  readonly code: number;
  readonly says: string;
}

export const MISTAKES: readonly Mistake[] = [
  {
    name: 'an argument that a contract does not have',
    source: `const Send = taskContract<(to: string) => Promise<void>>('send');
tasks.schedule(Send, «42»);`,
    code: 2345,
    says: `Argument of type 'number' is not assignable to parameter of type 'string'.`,
  },
  {
    name: 'a method that does not fit its contract',
    source: `const Send = taskContract<(to: string) => Promise<void>>('send');
class Sender { @«Task(Send)» async send(to: number) { use(to); } }
declare function use(value: number): void;`,
    code: 1241,
    says: `Unable to resolve signature of method decorator when called as an expression.`,
  },
  {
    name: 'an argument of the wrong type',
    source: 'tasks.schedule(send, «42»);',
    code: 2345,
    says: `Argument of type 'number' is not assignable to parameter of type 'string'.`,
  },
  {
    name: 'an argument of the wrong type, in any phase, with any options',
    source: `tasks.afterResponse.task({ retries: 3 }).schedule(send, 'a', «'2'»);`,
    code: 2345,
    says: `Argument of type 'string' is not assignable to parameter of type 'number'.`,
  },
  {
    name: 'arguments in the wrong order',
    source: `tasks.schedule(charge, «'token'», { id: '1', total: 1 });`,
    code: 2345,
    says: `Argument of type 'string' is not assignable to parameter of type '{ id: string; total: number; }'.`,
  },
  {
    name: 'an argument that lacks a property',
    source: `tasks.schedule(charge, «{ id: '1' }», 'token');`,
    code: 2741,
    says: `Property 'total' is missing in type '{ id: string; }'`,
  },
  {
    name: 'an argument of the wrong type, deep inside',
    source: `tasks.schedule(charge, { id: '1', «total»: '1' }, 'token');`,
    code: 2322,
    says: `Type 'string' is not assignable to type 'number'.`,
  },
  {
    name: 'a missing argument',
    source: 'tasks.«schedule»(send);',
    code: 2554,
    says: 'Expected 2-3 arguments, but got 1.',
  },
  {
    name: 'one argument too many',
    source: `tasks.schedule(send, 'a', 1, «true»);`,
    code: 2554,
    says: 'Expected 2-3 arguments, but got 4.',
  },
  {
    name: 'a promise in the place of the function',
    source: `tasks.schedule(«send('a')»);`,
    code: 2345,
    says: `Type 'Promise<{ id: string; }>' provides no match for the signature '(): unknown'.`,
  },
  {
    name: 'a function in the place of the promise',
    source: `tasks.waitUntil(«() => send('a')»);`,
    code: 2345,
    says: `is not assignable to parameter of type 'PromiseLike<unknown>'.`,
  },
  {
    name: 'an argument of the wrong type in runInScope()',
    source: 'void appTasks.runInScope((own) => own.schedule(send, «42»));',
    code: 2345,
    says: `Argument of type 'number' is not assignable to parameter of type 'string'.`,
  },
  {
    name: 'a moment that only a request has',
    source: 'appTasks.«afterResponse»;',
    code: 2339,
    says: `Property 'afterResponse' does not exist on type 'AppTasks'.`,
  },
  {
    name: 'the arguments of a declared task',
    source: 'tasks.of(MailTasks).welcome(«42»);',
    code: 2345,
    says: `Argument of type 'number' is not assignable to parameter of type 'string'.`,
  },
  {
    name: 'a literal that a declared task does not take',
    source: `tasks.afterResponse.of(MailTasks).welcome('a', «'fr'»);`,
    code: 2345,
    says: `Argument of type '"fr"' is not assignable to parameter of type '"de" | "en"`,
  },
  {
    name: 'a missing argument of a declared task',
    source: 'tasks.of(MailTasks).«welcome»();',
    code: 2554,
    says: 'Expected 1-2 arguments, but got 0.',
  },
  {
    name: 'one argument too many for a declared task',
    source: `tasks.of(MailTasks).welcome('a', 'de', «1»);`,
    code: 2554,
    says: 'Expected 1-2 arguments, but got 3.',
  },
  {
    name: 'a name that is no method',
    source: `tasks.of(MailTasks).«welcom»('a');`,
    code: 2551,
    says: `Property 'welcom' does not exist on type 'ScheduledMethods<MailTasks>'. Did you mean 'welcome'?`,
  },
  {
    name: 'a property that is no method',
    source: 'tasks.of(MailTasks).«sender»;',
    code: 2339,
    says: `Property 'sender' does not exist on type 'ScheduledMethods<MailTasks>'.`,
  },
  {
    name: 'an argument that a generic method does not take',
    source: 'tasks.of(MailTasks).generic(«1»);',
    code: 2345,
    says: `Argument of type 'number' is not assignable to parameter of type 'object'.`,
  },
  {
    name: 'an argument that the last overload does not take',
    source: 'tasks.of(MailTasks).overloaded(«1»);',
    code: 2345,
    says: `Argument of type 'number' is not assignable to parameter of type 'string'.`,
  },
  {
    name: 'what a declared task does not come to',
    source: `const «run»: () => Promise<number> = tasks.of(MailTasks).welcome('a').run;`,
    code: 2322,
    says: `Type 'Promise<string>' is not assignable to type 'Promise<number>'.`,
  },
  {
    name: 'an instance in the place of the class',
    source: 'tasks.of(«new MailTasks()»);',
    code: 2345,
    says: `Argument of type 'MailTasks' is not assignable to parameter of type 'Class<object>'.`,
  },
  {
    name: 'a task in the place of a promise',
    source: `tasks.schedule(send, 'a').«then»(() => {});`,
    code: 2339,
    says: `Property 'then' does not exist on type 'Task<[`,
  },
  {
    name: 'an unknown option',
    source: 'tasks.task({ shield: true, «retry»: 3 });',
    code: 2561,
    says: `'retry' does not exist in type 'TaskOptions'. Did you mean to write`,
  },
  {
    name: 'an option of the wrong type',
    source: `tasks.task({ «retries»: '3' });`,
    code: 2322,
    says: `Type 'string' is not assignable to type 'number'`,
  },
  {
    name: 'a duration of an unknown unit',
    source: `tasks.task({ «timeout»: '10 parsecs' });`,
    code: 2322,
    says: `Type '"10 parsecs"' is not assignable to type 'Duration`,
  },
  {
    name: 'an error handler that takes the error first',
    source: 'tasks.task({ «onError»: (error: Error) => error });',
    code: 2322,
    says: `Types of parameters 'error' and 'task' are incompatible.`,
  },
  {
    name: 'an unknown option of the module',
    source: 'TasksModule.forRoot({ «concurency»: 3 });',
    code: 2561,
    says: `Did you mean to write 'concurrency'?`,
  },
  {
    name: 'an unknown option of a declaration',
    source: `class Declared { @Task('x', { «retry»: 3 }) run() {} }`,
    code: 2769,
    says: `'retry' does not exist in type 'DeclaredTaskOptions'.`,
  },
  {
    name: 'options in the place of the name of a declaration',
    source: 'class Declared { @Task(«{ retries: 3 }») run() {} }',
    code: 2769,
    says: `is not assignable to parameter of type 'string'.`,
  },
  {
    name: 'a parameter decorator that is not called',
    source: 'class Handlers { run(«@»Tasks own: Tasks) { return own; } }',
    code: 1329,
    says: `Did you mean to call it first and write '@Tasks()'?`,
  },
  {
    name: 'the arguments of a function on a thread',
    source: `tasks.schedule(inThread<typeof resize>(url), «1», 2);`,
    code: 2345,
    says: `Argument of type 'number' is not assignable to parameter of type 'string'.`,
  },
  {
    name: 'an unknown key of a filter',
    source: `tester.assertScheduled({ «title»: 'payment' });`,
    code: 2353,
    says: `'title' does not exist in type 'TaskFilter'.`,
  },
];
