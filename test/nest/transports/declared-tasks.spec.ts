import { afterEach, describe, expect, it } from '@jest/globals';
import { Inject, Injectable, Scope, type Type } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { MessagePattern } from '@nestjs/microservices';
import { SubscribeMessage } from '@nestjs/websockets';
import { Task, Tasks, TasksService } from 'nestjs-tasks';
import { closeApps, createApp } from '../../support/create-app.js';
import { platforms } from '../../support/platforms.js';
import { closeMessageApps, messageTransports } from './message-transports.js';

afterEach(closeApps);
afterEach(closeMessageApps);

interface AuditTasks {
  readonly number: number;
  write(what: string): void;
}

/** A request-scoped provider whose task reports its instance and its request. */
function auditOf(
  seen: unknown[],
  describeRequest: (request: never) => unknown,
): Type<AuditTasks> {
  let instances = 0;
  @Injectable({ scope: Scope.REQUEST })
  class Audit {
    readonly number = (instances += 1);

    constructor(@Inject(REQUEST) readonly request: unknown) {}

    @Task()
    write(what: string) {
      seen.push([what, this.number, describeRequest(this.request as never)]);
    }
  }
  return Audit;
}

describe.each(platforms)(
  'a declared task of GraphQL over $name',
  (platform) => {
    it('runs on the instance of the request that its resolver has', async () => {
      const seen: unknown[] = [];
      const Audit = auditOf(
        seen,
        (context: { req: { url: string } }) => typeof context.req,
      );
      @Resolver()
      class SharedResolver {
        constructor(@Inject(Audit) private readonly audit: AuditTasks) {}

        @Query(() => Number)
        shared(@Tasks() tasks: Tasks) {
          tasks.afterRoute.of(Audit).write('after route');
          tasks.afterResponse.of(Audit).write('after response');
          return this.audit.number;
        }
      }
      @Resolver()
      class StaticResolver {
        @Query(() => Boolean)
        single(@Tasks() tasks: Tasks) {
          tasks.afterRoute.of(Audit).write('static');
          tasks.afterResponse.of(Audit).write('static');
          return true;
        }
      }
      const { request, tester } = await createApp(platform, {
        imports: [
          GraphQLModule.forRoot<ApolloDriverConfig>({
            driver: ApolloDriver,
            autoSchemaFile: true,
          }),
        ],
        providers: [SharedResolver, StaticResolver, Audit],
      });
      const ask = async (query: string) => {
        const response = await request('/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query }),
        });
        await tester.settled();
        return response.json();
      };
      expect(await ask('{ shared }')).toEqual({ data: { shared: 1 } });
      await ask('{ single }');

      expect(seen).toEqual([
        ['after route', 1, 'object'],
        ['after response', 1, 'object'],
        ['static', 2, 'object'],
        ['static', 2, 'object'],
      ]);
    });
  },
);

const overTcp = messageTransports.filter(({ name }) => name === 'TCP');
const overWebSocket = messageTransports.filter(({ kind }) => kind === 'ws');

describe.each(overTcp)('a declared task over $name', (transport) => {
  const open = (handler: Type, providers: Type[]) =>
    transport.open({ handlers: [handler], providers });

  it('runs on an instance of the message, which has it injected', async () => {
    const seen: unknown[] = [];
    const Audit = auditOf(
      seen,
      (message: { pattern: unknown; getData(): unknown }) => [
        message.pattern,
        message.getData(),
      ],
    );
    class Handlers {
      @MessagePattern('ask')
      handle(@Tasks() tasks: Tasks) {
        tasks.of(Audit).write('immediate');
        tasks.afterResponse.of(Audit).write('after response');
        return '<value>';
      }
    }
    const app = await open(Handlers, [Audit]);
    await app.ask('ask', 'first', { count: 1 });
    await app.tester.settled();
    await app.ask('ask', 'second', { count: 1 });
    await app.tester.settled();

    expect(seen).toEqual([
      ['immediate', 1, ['ask', 'first']],
      ['after response', 1, ['ask', 'first']],
      ['immediate', 2, ['ask', 'second']],
      ['after response', 2, ['ask', 'second']],
    ]);
  });

  it('runs on the instance that the providers beside TasksService are injected with', async () => {
    const seen: unknown[] = [];
    const Audit = auditOf(seen, (message: { getData(): unknown }) =>
      message.getData(),
    );
    @Injectable({ scope: Scope.REQUEST })
    class Recorder {
      constructor(
        private readonly tasks: TasksService,
        @Inject(Audit) private readonly audit: AuditTasks,
      ) {}

      record() {
        this.tasks.afterResponse.of(Audit).write('after response');
        return this.audit.number;
      }
    }
    @Injectable()
    class Handlers {
      constructor(private readonly recorder: Recorder) {}

      @MessagePattern('ask')
      handle() {
        return `<value>${this.recorder.record()}`;
      }
    }
    const app = await open(Handlers, [Audit, Recorder]);
    expect(await app.ask('ask', 'first', { count: 1 })).toMatchObject({
      values: ['<value>1'],
    });
    await app.tester.settled();
    expect(seen).toEqual([['after response', 1, 'first']]);
  });
});

describe.each(overWebSocket)('a declared task over $name', (transport) => {
  it('runs on an instance of the message, which has its client injected', async () => {
    const seen: unknown[] = [];
    const Audit = auditOf(seen, (client: unknown) => typeof client);
    class Handlers {
      @SubscribeMessage('ask')
      handle(@Tasks() tasks: Tasks) {
        tasks.of(Audit).write('immediate');
        tasks.afterResponse.of(Audit).write('after response');
        return transport.reply('<value>');
      }
    }
    const app = await transport.open({
      handlers: [Handlers],
      providers: [Audit],
    });
    await app.ask('ask', 1, { count: 1 });
    await app.tester.settled();

    expect(seen).toEqual([
      ['immediate', 1, 'object'],
      ['after response', 1, 'object'],
    ]);
  });
});
