import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  applyDecorators,
  createParamDecorator,
  UseGuards,
  UseInterceptors,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import { SubscribeMessage } from '@nestjs/websockets';
import { mergeMap } from 'rxjs';
import { Tasks } from 'nestjs-tasks';
import { deferred } from '../../support/deferred.js';
import { turn } from '../../support/manual-clock.js';
import {
  barrier,
  messageCases,
  scheduleAll,
  type CaseKit,
  type MessageCase,
} from './message-cases.js';
import {
  closeMessageApps,
  messageTransports,
  type MessageAppOptions,
  type MessageTransport,
} from './message-transports.js';
import { watchWire } from './wire.js';

/** Unique to these tests, because others may use the broker at the same time. */
const prefix = randomUUID();
const pattern = (name: string) => `${prefix}.${name}`;

/** A handler of messages with a reply, on any transport. */
const Handles = (name: string) =>
  applyDecorators(
    MessagePattern(pattern(name)),
    SubscribeMessage(pattern(name)),
  );

/** A handler of messages without a reply. */
const Hears = (name: string) =>
  applyDecorators(
    EventPattern(pattern(name)) as MethodDecorator,
    SubscribeMessage(pattern(name)),
  );

const Data = createParamDecorator((_: unknown, context: ExecutionContext) =>
  context.getType() === 'rpc'
    ? context.switchToRpc().getData<unknown>()
    : context.switchToWs().getData<unknown>(),
);

class ClosedGuard implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

/** Maps the reply, which takes several promises. */
class MappingInterceptor implements NestInterceptor {
  intercept: NestInterceptor['intercept'] = (_context, next) =>
    next.handle().pipe(
      mergeMap(async (value: unknown) => {
        await Promise.resolve();
        const text = JSON.stringify(value);
        return JSON.parse(text.replace('<value>', '<mapped>')) as unknown;
      }),
    );
}

for (const transport of messageTransports) {
  const missing = await transport.missing?.();
  if (missing && process.env.CI !== 'true') {
    process.stderr.write(
      `Skipped: messages over ${transport.name}. ${missing}\n`,
    );
    describe.skip(`messages over ${transport.name}`, () =>
      describeMessages(transport));
  } else {
    describe(`messages over ${transport.name}`, () =>
      describeMessages(transport));
  }
}

function describeMessages(transport: MessageTransport): void {
  let order: string[] = [];
  const note = (what: string) => void order.push(what);
  let unwatch: () => void;

  beforeEach(() => {
    order = [];
    unwatch = watchWire(note);
  });

  afterEach(async () => {
    unwatch();
    await closeMessageApps();
  });

  const open = (
    handler: MessageAppOptions['handlers'][number],
    options?: Partial<MessageAppOptions>,
  ) => transport.open({ ...options, handlers: [handler] });

  async function run({ handle, values = [], error }: MessageCase) {
    const heard = deferred();
    class Handlers {
      @Handles('ask')
      handle(@Tasks() tasks: Tasks): unknown {
        return handle({ tasks, transport, heard, note });
      }
    }
    const app = await open(Handlers);
    const answer = await app.ask(pattern('ask'), 'question', {
      count: values.length + (error ? 1 : 0),
      onValue: () => heard.resolve(),
    });
    await app.tester.settled();
    return { answer, stats: app.tasks.stats };
  }

  describe('let', () => {
    for (const each of messageCases) {
      it(each.does, async () => {
        const { answer, stats } = await run(each);

        expect(comparable(transport, each, order)).toEqual(
          comparable(transport, each, each.order),
        );
        expect(answer).toEqual(expectedAnswer(transport, each));
        expect(stats).toMatchObject({ scheduled: 0, running: 0 });
      });
    }
  });

  it('run after-response tasks when the handler of an event is done', async () => {
    const gate = deferred();
    const done = deferred();
    class Handlers {
      @Hears('tell')
      async handle(@Tasks() tasks: Tasks) {
        scheduleAll(kitOf(tasks));
        tasks.afterResponse.schedule(() => done.resolve());
        await gate.promise;
        note('handler');
      }
    }
    const app = await open(Handlers);

    await app.tell(pattern('tell'), 'news');
    await turn();
    gate.resolve();
    await done.promise;
    await app.tester.settled();

    expect(order).toEqual([
      'immediate',
      'handler',
      'after route',
      'after response',
    ]);
  });

  it('judge the tasks of an event by the error of its handler', async () => {
    const done = deferred();
    class Handlers {
      @Hears('tell')
      handle(@Tasks() tasks: Tasks) {
        scheduleAll(kitOf(tasks));
        tasks.afterResponse
          .task({ runOn: 'always' })
          .schedule(() => done.resolve());
        throw transport.error('lost');
      }
    }
    const app = await open(Handlers);

    await app.tell(pattern('tell'), 'news');
    await done.promise;
    await app.tester.settled();

    expect(order).toEqual([
      'immediate',
      'after route of a failure',
      'after response of a failure',
    ]);
  });

  it('keep apart the tasks of two messages that arrive at the same time', async () => {
    const bothAreHere = barrier(2);
    class Handlers {
      @Handles('good')
      async good(@Tasks() tasks: Tasks) {
        await bothAreHere();
        scheduleAll(kitOf(tasks), ' (good)');
        return transport.reply('<good>');
      }

      @Handles('bad')
      async bad(@Tasks() tasks: Tasks): Promise<never> {
        await bothAreHere();
        scheduleAll(kitOf(tasks), ' (bad)');
        throw transport.error('<bad>');
      }
    }
    const app = await open(Handlers);
    // Not every transport shows which reply belongs to which message.
    await Promise.all([
      app.ask(pattern('good'), 1, { count: 1 }),
      app.ask(pattern('bad'), 2, { count: 1 }),
    ]);
    await app.tester.settled();

    expect(order.filter((what) => /good/.test(what))).toEqual([
      'immediate (good)',
      'after route (good)',
      'wire: good',
      'after response (good)',
    ]);
    expect(order.filter((what) => /bad/.test(what))).toEqual([
      'immediate (bad)',
      'after route of a failure (bad)',
      'wire: bad',
      'after response of a failure (bad)',
    ]);
  });

  it('keep apart two messages of one handler', async () => {
    const bothAreHere = barrier(2);
    class Handlers {
      @Handles('ask')
      async handle(@Data() data: string, @Tasks() tasks: Tasks) {
        tasks.afterRoute.schedule(() => note(`after route of ${data}`));
        await bothAreHere();
        if (data === 'first') await turn();
        note(`end of ${data}`);
        return transport.reply(`<${data}>`);
      }
    }
    const app = await open(Handlers);
    await Promise.all([
      app.ask(pattern('ask'), 'first', { count: 2 }).catch(() => {}),
      app.ask(pattern('ask'), 'second', { count: 2 }),
    ]);
    await app.tester.settled();

    for (const data of ['first', 'second']) {
      expect(order.filter((what) => what.includes(data))).toEqual([
        `end of ${data}`,
        `after route of ${data}`,
        `wire: ${data}`,
      ]);
    }
  });

  it('start after-response tasks after a reply that an interceptor around the handler has mapped', async () => {
    class Handlers {
      @Handles('ask')
      @UseInterceptors(MappingInterceptor)
      handle(@Tasks() tasks: Tasks) {
        scheduleAll(kitOf(tasks));
        return transport.reply('<value>');
      }
    }
    const app = await open(Handlers);
    const answer = await app.ask(pattern('ask'), 'question', { count: 1 });
    await app.tester.settled();

    expect(answer).toEqual({ values: ['<mapped>'] });
    expect(order).toEqual([
      'immediate',
      'after route',
      'wire: mapped',
      'after response',
    ]);
  });

  it('open no scope where a guard rejects', async () => {
    class Handlers {
      @Handles('ask')
      @UseGuards(ClosedGuard)
      handle(@Tasks() tasks: Tasks) {
        scheduleAll(kitOf(tasks));
      }
    }
    const app = await open(Handlers);
    const answer = await app.ask(pattern('ask'), 'question', { count: 1 });
    await app.tester.settled();

    expect(answer).toEqual({ values: [], error: 'Forbidden resource' });
    expect(order).toEqual([]);
    expect(app.tasks.stats).toMatchObject({ scheduled: 0, skipped: 0 });
  });

  it('leave after-response tasks running while the next message is answered', async () => {
    const gate = deferred();
    class Handlers {
      @Handles('ask')
      handle(@Tasks() tasks: Tasks) {
        tasks.afterResponse.schedule(() => gate.promise);
        return transport.reply('<value>');
      }
    }
    const app = await open(Handlers);
    await app.ask(pattern('ask'), 'first', { count: 1 });
    await app.ask(pattern('ask'), 'second', { count: 1 });

    expect(app.tasks.stats.succeeded).toBe(0);
    gate.resolve();
    await app.tester.settled();
    expect(app.tasks.stats.succeeded).toBe(2);
  });

  function kitOf(tasks: Tasks): CaseKit {
    return { tasks, transport, heard: deferred(), note };
  }
}

/** An acknowledgement is a single value; any later value is lost. */
function expectedAnswer(
  transport: MessageTransport,
  { values = [], error }: MessageCase,
) {
  if (transport.valuesOfStream === 'first' && values.length > 0) {
    return { values: values.slice(0, 1) };
  }
  return { values, ...(error && { error }) };
}

/**
 * Omits when the later replies of a stream are handed over, for transports where the
 * client gets only the first one, and where Nest may keep them for longer.
 */
function comparable(
  { valuesOfStream, queuesReplies }: MessageTransport,
  { values = [], error }: MessageCase,
  order: readonly string[],
) {
  const later = [...values, ...(error ? [error] : [])].slice(1);
  const marks = valuesOfStream === 'first' ? values.slice(1) : [];
  const left = (queuesReplies ? later : marks).map(
    (value) => `wire: ${value.slice(1, -1)}`,
  );
  return order.filter((what) => !left.includes(what));
}
