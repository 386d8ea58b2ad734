import {
  afterEach,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import { GraphQLModule, Query, Resolver, Subscription } from '@nestjs/graphql';
import type { MercuriusDriverConfig } from '@nestjs/mercurius';
import { createClient } from 'graphql-ws';
import { Tasks, TasksService } from 'nestjs-tasks';
import { WebSocket } from 'ws';
import { closeApps, createApp } from '../../support/create-app.js';
import { turn } from '../../support/manual-clock.js';
import { platforms } from '../../support/platforms.js';
import { isNest12 } from './nest-version.js';
import { watchWire } from './wire.js';

// Serves the page of GraphiQL. It requires ESM, which Jest cannot do before Node 24.9.
jest.mock('@fastify/static', () => ({}));
const { MercuriusDriver } = isNest12
  ? await import('@nestjs/mercurius')
  : { MercuriusDriver: undefined };

let order: string[] = [];
const note = (what: string) => void order.push(what);
let unwatch: () => void;

beforeEach(() => {
  order = [];
  unwatch = watchWire(note);
});

afterEach(async () => {
  unwatch();
  await closeApps();
});

function scheduleAll(tasks: Tasks, name: string): void {
  for (const runOn of ['success', 'failure'] as const) {
    tasks.afterResponse
      .task({ runOn })
      .schedule(() => note(`${name} after response, ${runOn}`));
    tasks.afterRoute.task({ runOn }).schedule(async () => {
      await turn();
      note(`${name} after route, ${runOn}`);
    });
  }
}

@Resolver()
class ServiceResolver {
  constructor(private readonly service: TasksService) {}

  @Query(() => String)
  served() {
    this.service.afterResponse.schedule(() => note('service after response'));
    return '<served>';
  }
}

@Resolver()
class NewsResolver {
  @Query(() => String)
  good(@Tasks() tasks: Tasks) {
    scheduleAll(tasks, 'good');
    return '<good>';
  }

  @Query(() => String, { nullable: true })
  bad(@Tasks() tasks: Tasks): never {
    scheduleAll(tasks, 'bad');
    throw new Error('<bad>');
  }

  @Subscription(() => String)
  news(@Tasks() tasks: Tasks) {
    scheduleAll(tasks, 'news');
    return newsOf();
  }
}

async function* newsOf() {
  yield { news: '<news>' };
}

// Its release for NestJS 11 does not load under Jest.
(MercuriusDriver ? describe : describe.skip)('GraphQL of Mercurius', () => {
  const fastify = platforms.filter(({ name }) => name === 'Fastify');

  async function open() {
    const [platform] = fastify;
    if (!platform || !MercuriusDriver) throw new Error('Not here');
    return createApp(platform, {
      imports: [
        GraphQLModule.forRoot<MercuriusDriverConfig>({
          driver: MercuriusDriver,
          autoSchemaFile: true,
          subscription: true,
        }),
      ],
      providers: [NewsResolver, ServiceResolver],
    });
  }

  async function query(text: string) {
    const { request, tester } = await open();
    const response = await request('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: text }),
    });
    await response.json();
    await tester.settled();
    return response.status;
  }

  it('drains per resolver, and runs after-response tasks after the response, each judged by its resolver', async () => {
    expect(await query('{ good bad }')).toBe(200);

    expect(order.slice(0, 2).sort()).toEqual([
      'bad after route, failure',
      'good after route, success',
    ]);
    expect(order.slice(2, -2).sort()).toEqual(['wire: bad', 'wire: good']);
    expect(order.slice(-2).sort()).toEqual([
      'bad after response, failure',
      'good after response, success',
    ]);
  });

  it('injects TasksService into its resolvers', async () => {
    expect(await query('{ served }')).toBe(200);

    expect(order).toEqual(['wire: served', 'service after response']);
  });

  it('works in subscriptions', async () => {
    const { url, tester } = await open();
    const client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
    });
    for await (const { data, errors } of client.iterate({
      query: 'subscription { news }',
    })) {
      expect({ data, errors }).toEqual({ data: { news: '<news>' } });
    }
    await tester.settled();
    await client.dispose();

    expect(order[0]).toBe('news after route, success');
    expect(order.slice(1).sort()).toEqual([
      'news after response, success',
      'wire: news',
    ]);
  });
});
