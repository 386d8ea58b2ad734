import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Injectable,
  UseGuards,
  UseInterceptors,
  type CanActivate,
  type INestApplication,
  type INestMicroservice,
  type NestInterceptor,
  type OnModuleDestroy,
  type Type,
} from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { SubscribeMessage } from '@nestjs/websockets';
import { map, mergeMap } from 'rxjs';
import { Tasks, TasksService } from 'nestjs-tasks';
import { deferred } from '../../support/deferred.js';
import { turn } from '../../support/manual-clock.js';
import {
  closeMessageApps,
  messageTransports,
  type MessageTransport,
} from './message-transports.js';
import { isNest12 } from './nest-version.js';
import { watchWire } from './wire.js';

const overTcp = messageTransports.filter(({ name }) => name.startsWith('TCP'));
const overWebSocket = messageTransports.filter(({ kind }) => kind === 'ws');

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

@Injectable()
class Audit {
  constructor(private readonly tasks: TasksService) {}

  record(): void {
    this.tasks.afterResponse.schedule(() => note('after response'));
    this.tasks.afterRoute.schedule(async () => {
      await turn();
      note('after route');
    });
    this.tasks.schedule(() => note('immediate'));
  }
}

describe.each(overTcp)('TasksService over $name', (transport) => {
  const open = (handler: Type) =>
    transport.open({ handlers: [handler], providers: [Audit] });

  it('shares the scope with @Tasks(), and the reply waits for its after-route tasks', async () => {
    @Injectable()
    class Handlers {
      constructor(private readonly audit: Audit) {}

      @MessagePattern('ask')
      handle(@Tasks() tasks: Tasks) {
        this.audit.record();
        tasks.afterRoute.task({ name: 'both' }).schedule(() => note('both'));
        return `<value>${tasks.afterRoute.cancel('both')}`;
      }
    }
    const app = await open(Handlers);
    await app.ask('ask', 1, { count: 1 });
    await app.tester.settled();

    expect(order).toEqual([
      'immediate',
      'after route',
      'wire: value',
      'after response',
    ]);
    expect(app.tasks.stats.cancelled).toBe(1);
  });

  it('works in a controller without @Tasks(), with one scope for each message', async () => {
    @Injectable()
    class Handlers {
      constructor(private readonly audit: Audit) {}

      @MessagePattern('ask')
      handle() {
        this.audit.record();
        return '<value>';
      }
    }
    const app = await open(Handlers);
    for (const data of ['first', 'second']) {
      await app.ask('ask', data, { count: 1 });
      await app.tester.settled();
    }

    const once = ['immediate', 'after route', 'wire: value', 'after response'];
    expect(order).toEqual([...once, ...once]);
  });

  it('works in the handler of an event', async () => {
    const ended = deferred();
    @Injectable()
    class Handlers {
      constructor(private readonly audit: Audit) {}

      @EventPattern('tell')
      handle(@Payload() _data: unknown) {
        this.audit.record();
        ended.resolve();
      }
    }
    const app = await open(Handlers);
    await app.tell('tell', 1);
    await ended.promise;
    await app.tester.settled();

    expect(order).toEqual(['immediate', 'after route', 'after response']);
  });

  it.each([false, true])(
    'refuses before the handler has started, as in a guard that returns %s',
    async (verdict) => {
      const refusals: unknown[] = [];
      @Injectable()
      class SchedulingGuard implements CanActivate {
        constructor(private readonly audit: Audit) {}

        canActivate(): boolean {
          try {
            this.audit.record();
          } catch (error) {
            refusals.push(error);
          }
          return verdict;
        }
      }
      class Handlers {
        @MessagePattern('ask')
        @UseGuards(SchedulingGuard)
        handle(@Tasks() tasks: Tasks) {
          tasks.afterResponse.schedule(() => note('after response'));
          return '<value>';
        }
      }
      const app = await open(Handlers);
      await app.ask('ask', 1, { count: 1 });
      // It would wait for ever for tasks that never become due.
      await app.tester.settled();

      expect(refusals).toMatchObject([
        {
          code: 'TASK_SCOPE_MISSING',
          message: expect.stringContaining('Schedule in the handler'),
        },
      ]);
      expect(order).toEqual(verdict ? ['wire: value', 'after response'] : []);
    },
  );
});

describe.each(overTcp)('a message over $name', (transport) => {
  it('with several handlers is over when the last of them is done', async () => {
    const gates = { quick: deferred(), slow: deferred() };
    const entered = deferred();
    const scheduleIn = async (tasks: Tasks, name: 'quick' | 'slow') => {
      tasks.afterResponse.schedule(() => note(`${name} after response`));
      tasks.afterRoute.schedule(() => note(`${name} after route`));
      await gates[name].promise;
      note(name);
    };
    class Handlers {
      @EventPattern('tell')
      quick(@Tasks() tasks: Tasks) {
        return scheduleIn(tasks, 'quick');
      }

      @EventPattern('tell')
      slow(@Tasks() tasks: Tasks) {
        entered.resolve();
        return scheduleIn(tasks, 'slow');
      }
    }
    const app = await transport.open({ handlers: [Handlers] });

    await app.tell('tell', 1);
    await entered.promise;
    gates.quick.resolve();
    await turn();
    await turn();
    gates.slow.resolve();
    await app.tester.settled();

    expect(order.slice(0, 2)).toEqual(['quick', 'slow']);
    expect(order.slice(2, 4).sort()).toEqual([
      'quick after route',
      'slow after route',
    ]);
    expect(order.slice(4).sort()).toEqual([
      'quick after response',
      'slow after response',
    ]);
  });

  it('with several handlers has failed when one of them has failed', async () => {
    const entered = deferred();
    class Handlers {
      @EventPattern('tell')
      good(@Tasks() tasks: Tasks) {
        tasks.afterResponse
          .task({ runOn: 'failure' })
          .schedule(() => note('of good'));
      }

      @EventPattern('tell')
      bad(@Tasks() tasks: Tasks) {
        tasks.afterResponse
          .task({ runOn: 'failure' })
          .schedule(() => note('of bad'));
        entered.resolve();
        throw transport.error('lost');
      }
    }
    const app = await transport.open({ handlers: [Handlers] });

    await app.tell('tell', 1);
    await entered.promise;
    await app.tester.settled();

    expect(order.sort()).toEqual(['of bad', 'of good']);
  });

  it('is followed by its after-response tasks too early where an interceptor delays the reply', async () => {
    const gate = deferred();
    class HoldingInterceptor implements NestInterceptor {
      intercept: NestInterceptor['intercept'] = (_context, next) =>
        next.handle().pipe(
          mergeMap(async (value: unknown) => {
            await gate.promise;
            return value;
          }),
        );
    }
    class Handlers {
      @MessagePattern('ask')
      @UseInterceptors(HoldingInterceptor)
      handle(@Tasks() tasks: Tasks) {
        tasks.afterResponse.schedule(() => {
          note('after response');
          gate.resolve();
        });
        return '<value>';
      }
    }
    const app = await transport.open({ handlers: [Handlers] });
    await app.ask('ask', 1, { count: 1 });

    expect(order).toEqual(['after response', 'wire: value']);
  });

  it('completes shielded tasks at shutdown before other modules are destroyed', async () => {
    @Injectable()
    class Connection implements OnModuleDestroy {
      isOpen = true;

      onModuleDestroy() {
        this.isOpen = false;
      }
    }
    const gate = deferred();
    const started = deferred();
    @Injectable()
    class Handlers {
      constructor(private readonly connection: Connection) {}

      @MessagePattern('ask')
      handle(@Tasks() tasks: Tasks) {
        tasks.afterResponse.task({ shield: true }).schedule(async () => {
          started.resolve();
          await gate.promise;
          note(`connection is open: ${this.connection.isOpen}`);
        });
        tasks.afterResponse.schedule(() => new Promise(() => {}));
        return '<value>';
      }
    }
    const { app, ask, tasks } = await transport.open({
      handlers: [Handlers],
      providers: [Connection],
    });

    await ask('ask', 1, { count: 1 });
    await started.promise;
    const closed = app.close();
    await turn();
    gate.resolve();
    await closed;

    expect(order).toEqual(['wire: value', 'connection is open: true']);
    expect(tasks.stats).toMatchObject({ succeeded: 1, dropped: 1 });
  });
});

describe.each(messageTransports.filter(({ missing }) => !missing))(
  'an interceptor of the whole application over $name',
  (transport: MessageTransport) => {
    it('maps the reply or does not run at all, and the tasks are the same', async () => {
      class MappingInterceptor implements NestInterceptor {
        intercept: NestInterceptor['intercept'] = (_context, next) =>
          next.handle().pipe(
            map((value: unknown) => {
              note('mapped');
              return value;
            }),
          );
      }
      class Handlers {
        @MessagePattern('ask')
        @SubscribeMessage('ask')
        handle(@Tasks() tasks: Tasks) {
          tasks.afterResponse.schedule(() => note('after response'));
          tasks.afterRoute.schedule(() => note('after route'));
          return transport.reply('<value>');
        }
      }
      const app = await transport.open({
        handlers: [Handlers],
        configure: (configured: INestApplication | INestMicroservice) =>
          void configured.useGlobalInterceptors(new MappingInterceptor()),
      });
      await app.ask('ask', 1, { count: 1 });
      await app.tester.settled();

      const isMapped =
        transport.kind === 'rpc'
          ? !transport.name.includes('without inheritAppConfig')
          : // NestJS 11 does not cover gateways.
            isNest12;
      expect(order).toEqual([
        'after route',
        ...(isMapped ? ['mapped'] : []),
        'wire: value',
        'after response',
      ]);
    });
  },
);

// NestJS 11 does not support request scope in gateways, and injects nothing there.
(isNest12 ? describe : describe.skip).each(overWebSocket)(
  'TasksService in a gateway over $name',
  (transport) => {
    it('is refused with a hint to use @Tasks(), which works beside it', async () => {
      const refusals: unknown[] = [];
      const refuse = (schedule: () => unknown) => {
        try {
          schedule();
          refusals.push('not refused');
        } catch (error) {
          refusals.push(error);
        }
      };
      @Injectable()
      class Handlers {
        constructor(private readonly service: TasksService) {}

        @SubscribeMessage('ask')
        handle(@Tasks() tasks: Tasks) {
          refuse(() => this.service.schedule(note, 'never'));
          refuse(() => this.service.afterRoute.schedule(note, 'never'));
          refuse(() => this.service.afterResponse.schedule(note, 'never'));
          tasks.afterRoute.schedule(() => note('after route'));
          tasks.afterResponse.schedule(() => note('after response'));
          return transport.reply('<value>');
        }
      }
      const app = await transport.open({ handlers: [Handlers] });
      await app.ask('ask', 1, { count: 1 });
      await app.tester.settled();

      const refusal = {
        code: 'TASK_SCOPE_MISSING',
        message: expect.stringContaining(
          'in a WebSocket gateway or a subscription, use @Tasks()',
        ),
      };
      expect(refusals).toMatchObject([refusal, refusal, refusal]);
      expect(order).toEqual(['after route', 'wire: value', 'after response']);
    });
  },
);
