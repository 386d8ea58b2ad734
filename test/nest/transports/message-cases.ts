import { AsyncLocalStorage } from 'node:async_hooks';
import { concat, from, Observable, of } from 'rxjs';
import type { Tasks } from 'nestjs-tasks';
import { deferred, type Deferred } from '../../support/deferred.js';
import { turn } from '../../support/manual-clock.js';
import type { MessageTransport } from './message-transports.js';

/** The parameters of a case's handler. */
export interface CaseKit {
  readonly tasks: Tasks;
  readonly transport: MessageTransport;
  /** Resolved by the client when it has its first value. */
  readonly heard: Deferred<void>;
  note(what: string): void;
}

export interface MessageCase {
  /** Completes the sentence of the test's name. */
  readonly does: string;
  handle(kit: CaseKit): unknown;
  /** In the order in which it happens, with the writes to the socket. */
  readonly order: readonly string[];
  readonly values?: readonly string[];
  readonly error?: string;
}

/** Tasks in all phases, and for both outcomes. */
export function scheduleAll({ tasks, note }: CaseKit, label = ''): void {
  for (const runOn of ['success', 'failure'] as const) {
    const suffix = `${runOn === 'failure' ? ' of a failure' : ''}${label}`;
    tasks.afterResponse
      .task({ runOn })
      .schedule(() => note(`after response${suffix}`));
    tasks.afterRoute.task({ runOn }).schedule(async () => {
      await turn();
      note(`after route${suffix}`);
    });
  }
  tasks.schedule(() => note(`immediate${label}`));
}

const ofValue = (value: string) => [
  'immediate',
  'after route',
  `wire: ${value}`,
  'after response',
];
const ofFailure = (error: string) => [
  'immediate',
  'after route of a failure',
  `wire: ${error}`,
  'after response of a failure',
];

const context = new AsyncLocalStorage<string>();

export const messageCases: readonly MessageCase[] = [
  {
    does: 'a value wait for the after-route tasks',
    handle(kit) {
      scheduleAll(kit);
      return kit.transport.reply('<value>');
    },
    order: ofValue('value'),
    values: ['<value>'],
  },
  {
    does: 'a promise wait for the after-route tasks',
    async handle(kit) {
      scheduleAll(kit);
      await turn();
      return kit.transport.reply('<value>');
    },
    order: ofValue('value'),
    values: ['<value>'],
  },
  {
    does: 'an Observable of one value wait for the after-route tasks',
    handle(kit) {
      scheduleAll(kit);
      return of(kit.transport.reply('<value>'));
    },
    order: ofValue('value'),
    values: ['<value>'],
  },
  {
    does: 'a promise of an Observable wait for the after-route tasks',
    async handle(kit) {
      scheduleAll(kit);
      await turn();
      return from(Promise.resolve(kit.transport.reply('<value>')));
    },
    order: ofValue('value'),
    values: ['<value>'],
  },
  {
    does: 'only the last value of a quick stream wait, which comes together with its end',
    handle(kit) {
      scheduleAll(kit);
      return of(kit.transport.reply('<one>'), kit.transport.reply('<two>'));
    },
    order: [
      'immediate',
      'wire: one',
      'after route',
      'wire: two',
      'after response',
    ],
    values: ['<one>', '<two>'],
  },
  {
    does: 'no value of a slow stream wait: each goes out as it comes',
    handle(kit) {
      scheduleAll(kit);
      const { reply } = kit.transport;
      return concat(
        of(reply('<one>')),
        // If the value were held back, the client would not get it, and this would hang.
        new Observable<unknown>((subscriber) => {
          void kit.heard.promise.then(async () => {
            subscriber.next(reply('<two>'));
            await turn();
            kit.note('end of the stream');
            subscriber.complete();
          });
        }),
      );
    },
    order: [
      'immediate',
      'wire: one',
      'wire: two',
      'end of the stream',
      'after route',
      'after response',
    ],
    values: ['<one>', '<two>'],
  },
  {
    does: 'a thrown error wait, and count as failure',
    handle(kit) {
      scheduleAll(kit);
      throw kit.transport.error('<thrown>');
    },
    order: ofFailure('thrown'),
    error: '<thrown>',
  },
  {
    does: 'a rejection wait, and count as failure',
    async handle(kit) {
      scheduleAll(kit);
      await turn();
      throw kit.transport.error('<rejected>');
    },
    order: ofFailure('rejected'),
    error: '<rejected>',
  },
  {
    does: 'a stream that breaks send its values, and count as failure',
    handle(kit) {
      scheduleAll(kit);
      return new Observable((subscriber) => {
        subscriber.next(kit.transport.reply('<one>'));
        void kit.heard.promise.then(() =>
          subscriber.error(kit.transport.error('<broken>')),
        );
      });
    },
    order: [
      'immediate',
      'wire: one',
      'after route of a failure',
      'wire: broken',
      'after response of a failure',
    ],
    values: ['<one>'],
    error: '<broken>',
  },
  {
    does: 'a required task that fails answer with its error, and count as failure',
    handle(kit) {
      scheduleAll(kit);
      kit.tasks.afterRoute.task({ required: true }).schedule(() => {
        throw kit.transport.error('<required>');
      });
      return kit.transport.reply('<value>');
    },
    order: [
      'immediate',
      'after route',
      'wire: required',
      'after response of a failure',
    ],
    error: '<required>',
  },
  {
    does: 'after-response tasks alone start after the reply',
    handle({ tasks, transport, note }) {
      tasks.afterResponse.schedule(() => note('after response'));
      return transport.reply('<value>');
    },
    order: ['wire: value', 'after response'],
    values: ['<value>'],
  },
  {
    does: 'what is scheduled from a nested await count as of the handler',
    async handle(kit) {
      async function deep(): Promise<void> {
        await turn();
        await turn();
        scheduleAll(kit);
      }
      await deep();
      return kit.transport.reply('<value>');
    },
    order: ofValue('value'),
    values: ['<value>'],
  },
  {
    does: 'tasks of tasks run too, each in its moment',
    handle(kit) {
      const { tasks, note } = kit;
      tasks.afterRoute.schedule(async () => {
        await turn();
        note('after route');
        tasks.afterRoute.schedule(() => note('after route of a task'));
        tasks.afterResponse.schedule(() => {
          note('after response of a task');
          tasks.afterResponse.schedule(() => note('late'));
        });
      });
      return kit.transport.reply('<value>');
    },
    order: [
      'after route',
      'after route of a task',
      'wire: value',
      'after response of a task',
      'late',
    ],
    values: ['<value>'],
  },
  {
    does: 'tasks see the async context in which they were scheduled',
    handle(kit) {
      const { tasks, note } = kit;
      const noteContext = (where: string) =>
        note(`${where} in ${context.getStore()}`);
      context.run('context', () => {
        tasks.afterResponse.schedule(noteContext, 'after response');
        tasks.afterRoute.schedule(noteContext, 'after route');
        tasks.schedule(noteContext, 'immediate');
      });
      return kit.transport.reply('<value>');
    },
    order: [
      'immediate in context',
      'after route in context',
      'wire: value',
      'after response in context',
    ],
    values: ['<value>'],
  },
];

/** Resolves when this many values have arrived. */
export function barrier(count: number): () => Promise<void> {
  const open = deferred();
  let missing = count;
  return () => {
    missing -= 1;
    if (missing === 0) open.resolve();
    return open.promise;
  };
}
