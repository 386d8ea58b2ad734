import 'reflect-metadata';
import {
  Controller,
  Get,
  Module,
  Param,
  type LoggerService,
} from '@nestjs/common';
import { Observable, throwError } from 'rxjs';
import {
  AppTasks,
  Tasks,
  TasksModule,
  type TaskEvent,
  type TaskOptions,
} from '../../../lib/index.js';
import type { AdapterName } from './adapter.js';
import { answer } from './answer.js';
import { listen } from './listen.js';
import { report } from './report.js';

export interface MisbehavingOptions {
  readonly adapter: AdapterName;
}

/** Errors that fight back when they are read. */
const hostile: readonly (() => unknown)[] = [
  () => new Error('plain'),
  () => Object.freeze(new Error('frozen')),
  () => 'a string',
  () => undefined,
  () => null,
  () => Symbol('symbol'),
  () => Object.create(null) as object,
  () => ({
    get message(): string {
      throw new Error('message');
    },
    toString(): string {
      throw new Error('toString');
    },
  }),
  () =>
    Object.defineProperties(new Error('getters'), {
      // First, as defining it writes the stack out.
      stack: { get: trap },
      message: { get: trap },
      name: { get: trap },
      cause: { get: trap },
    }),
  () =>
    new Proxy(new Error('proxy'), {
      get: trap,
      getPrototypeOf: trap,
      has: trap,
      getOwnPropertyDescriptor: trap,
    }),
  () => {
    const rejected = Promise.reject(new Error('a rejected promise'));
    rejected.catch(() => {});
    return rejected;
  },
];

function trap(): never {
  throw new Error('trapped');
}

/** Each way in which a function can fail with a value. */
const failures: readonly ((value: unknown) => unknown)[] = [
  (value) => {
    throw value;
  },
  (value) => Promise.reject(value),
  (value) => throwError(() => value),
  (value) => ({
    then(_resolve: unknown, reject: (reason: unknown) => void): void {
      reject(value);
    },
  }),
  (value) => ({
    get then(): never {
      throw value;
    },
  }),
  (value) =>
    new Observable(() => {
      throw value;
    }),
  (value) =>
    new Observable((subscriber) => {
      subscriber.next(1);
      subscriber.error(value);
      subscriber.error(value);
      return () => {
        throw value;
      };
    }),
  async (value) => {
    // Two at once, of which only one can be the outcome.
    await Promise.all([Promise.reject(value), rejectLater(value)]);
  },
];

async function rejectLater(value: unknown): Promise<never> {
  await Promise.resolve();
  throw value;
}

let policies = 0;
let handled = 0;

/** Options that misbehave around the task. */
function optionsAround(fail: (value: unknown) => unknown, value: unknown) {
  const misbehave = (): never => {
    policies += 1;
    return fail(value) as never;
  };
  const handler = (): unknown => {
    handled += 1;
    return fail(value);
  };
  return [
    { onError: handler },
    { onError: [handler, handler] },
    { retries: 1, backoff: { type: 'fixed', delay: 0 } },
    { retries: 1, retryIf: misbehave },
    { retries: 1, backoff: misbehave },
    { timeout: 1 },
  ] satisfies TaskOptions[];
}

@Controller()
class MisbehavingController {
  @Get(':phase')
  misbehave(@Param('phase') phase: string, @Tasks() tasks: Tasks): string {
    const moment =
      phase === 'afterRoute' || phase === 'afterResponse'
        ? tasks[phase]
        : tasks;
    for (const fail of failures) {
      for (const make of hostile) {
        for (const options of optionsAround(fail, make())) {
          const value = make();
          if (phase === 'waitUntil') {
            if (options.retries) continue;
            tasks.waitUntil(rejectLater(value), options);
          } else {
            moment.task(options).schedule(() => fail(value));
          }
        }
      }
    }
    moment.task({ name: 'sibling', shield: true }).schedule(() => 'well');
    return 'answered';
  }
}

let observed = 0;
let siblings = 0;

function observe({ type, task }: TaskEvent): unknown {
  if (type === 'succeeded' && task.name === 'sibling') siblings += 1;
  observed += 1;
  if (observed % 3 === 0) throw new Error('observer');
  if (observed % 3 === 1) return Promise.reject(new Error('observer'));
  return undefined;
}

/** Throws at whatever the tasks write. */
const brokenLogger: LoggerService = {
  log() {},
  warn: failAboutTasks,
  error: failAboutTasks,
};

function failAboutTasks(message: unknown, ...rest: unknown[]): void {
  const context = String(rest.at(-1));
  if (context === 'Tasks') throw new Error('logger');
  // What Nest itself has to say is of interest.
  report({ is: 'log', level: 'error', context, message: String(message) });
}

const { adapter } = JSON.parse(process.argv[2] ?? '{}') as MisbehavingOptions;

@Module({
  imports: [TasksModule.forRoot({ observers: [observe] })],
  controllers: [MisbehavingController],
})
class MisbehavingModule {}

const app = await listen(MisbehavingModule, adapter, { logger: brokenLogger });

answer('stats', async () => {
  const appTasks = app.get(AppTasks);
  await appTasks.idle();
  return { ...appTasks.stats, handled, policies, siblings };
});
