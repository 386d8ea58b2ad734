import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { GraphQLModule, Query, Resolver, Subscription } from '@nestjs/graphql';
import { createClient, type Client } from 'graphql-ws';
import { Tasks, TasksService } from 'nestjs-tasks';
import { WebSocket } from 'ws';
import { closeApps, createApp } from '../../support/create-app.js';
import { deferred, type Deferred } from '../../support/deferred.js';
import { turn } from '../../support/manual-clock.js';
import { platforms, type Platform } from '../../support/platforms.js';
import { watchWire } from './wire.js';

interface WsContext {
  readonly extra?: { readonly request: IncomingMessage };
}

/** The ways in which applications build the context of a subscription. */
const contexts: [string, ApolloDriverConfig['context']][] = [
  ['none of their own', undefined],
  [
    'the request of the connection',
    ({ extra, ...http }: WsContext) => (extra ? { req: extra.request } : http),
  ],
  [
    'no request',
    ({ extra, ...http }: WsContext) => (extra ? { user: 'known' } : http),
  ],
];

let order: string[] = [];
const note = (what: string) => void order.push(what);
let gate: Deferred<void>;
let unwatch: () => void;
let client: Client | undefined;

beforeEach(() => {
  order = [];
  gate = deferred();
  unwatch = watchWire(note);
});

afterEach(async () => {
  unwatch();
  await client?.dispose();
  await closeApps();
});

function scheduleAll(tasks: Tasks): void {
  for (const runOn of ['success', 'failure'] as const) {
    tasks.afterResponse
      .task({ runOn })
      .schedule(() => note(`after response, ${runOn}`));
    tasks.afterRoute.task({ runOn }).schedule(async () => {
      await turn();
      note(`after route, ${runOn}`);
    });
  }
  tasks.schedule(() => note('immediate'));
}

@Resolver()
class NewsResolver {
  @Query(() => String)
  latest(@Tasks() tasks: Tasks) {
    scheduleAll(tasks);
    return '<latest>';
  }

  @Subscription(() => String)
  news(@Tasks() tasks: Tasks) {
    scheduleAll(tasks);
    return newsOf(gate);
  }

  @Subscription(() => String)
  closed(@Tasks() tasks: Tasks) {
    scheduleAll(tasks);
    throw new Error('<closed>');
  }
}

@Resolver()
class ServiceResolver {
  constructor(private readonly tasks: TasksService) {}

  @Query(() => String)
  served() {
    try {
      this.tasks.afterResponse.schedule(() => note('after response'));
      return 'scheduled';
    } catch (error) {
      return (error as { code: string }).code;
    }
  }
}

async function* newsOf(opened: Deferred<void>) {
  yield { news: '<one>' };
  await opened.promise;
  yield { news: '<two>' };
}

describe.each(
  platforms.flatMap((platform) =>
    contexts.map(([contextOf, context]) => ({
      name: platform.name,
      contextOf,
      platform,
      context,
    })),
  ),
)(
  'GraphQL over WebSocket on $name, with a context of $contextOf,',
  ({ platform, context }) => {
    it('a subscription drains its after-route tasks before its first event, and runs the others while it continues', async () => {
      const { subscribe, tasks } = await open(platform, context);
      const events: unknown[] = [];
      for await (const { data } of subscribe('subscription { news }')) {
        events.push(data);
        await tasks.idle();
        gate.resolve();
      }

      expect(events).toEqual([{ news: '<one>' }, { news: '<two>' }]);
      expect(order.slice(0, 2)).toEqual(['immediate', 'after route, success']);
      expect(order.slice(2, 4).sort()).toEqual([
        'after response, success',
        'wire: one',
      ]);
      expect(order.slice(4)).toEqual(['wire: two']);
    });

    it('a subscription that is refused by its resolver has failed', async () => {
      const { subscribe, tasks } = await open(platform, context);
      for await (const { errors } of subscribe('subscription { closed }')) {
        expect(errors).toMatchObject([{ message: '<closed>' }]);
      }
      await tasks.idle();

      expect(order).toEqual([
        'immediate',
        'after route, failure',
        'wire: closed',
        'after response, failure',
      ]);
    });

    it('a query runs its after-response tasks after the answer', async () => {
      const { subscribe, tasks } = await open(platform, context);
      for await (const { data } of subscribe('{ latest }')) {
        expect(data).toEqual({ latest: '<latest>' });
      }
      await tasks.idle();

      expect(order).toEqual([
        'immediate',
        'after route, success',
        'wire: latest',
        'after response, success',
      ]);
    });

    it('TasksService is refused: one connection carries many operations', async () => {
      const { subscribe } = await open(platform, context);
      for await (const { data } of subscribe('{ served }')) {
        expect(data).toEqual({ served: 'TASK_SCOPE_MISSING' });
      }
      expect(order).toEqual([]);
    });
  },
);

async function open(
  platform: Platform,
  context: ApolloDriverConfig['context'],
) {
  const { url, tasks } = await createApp(platform, {
    imports: [
      GraphQLModule.forRoot<ApolloDriverConfig>({
        driver: ApolloDriver,
        autoSchemaFile: true,
        subscriptions: { 'graphql-ws': true },
        ...(context && { context }),
      }),
    ],
    providers: [NewsResolver, ServiceResolver],
  });
  client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
  });
  const { iterate } = client;
  return { tasks, subscribe: (query: string) => iterate({ query }) };
}
