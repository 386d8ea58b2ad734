import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  it,
} from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  applyDecorators,
  Controller,
  Get,
  type INestApplicationContext,
} from '@nestjs/common';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import {
  GraphQLModule,
  Mutation,
  Query,
  Resolver,
  Subscription,
} from '@nestjs/graphql';
import { MessagePattern } from '@nestjs/microservices';
import { SubscribeMessage } from '@nestjs/websockets';
import { createClient } from 'graphql-ws';
import { Tasks, type AppTasks, type Task } from 'nestjs-tasks';
import { WebSocket } from 'ws';
import { closeApp, closeApps, createApp } from '../../support/create-app.js';
import { platforms } from '../../support/platforms.js';
import { boom, faults, type Fault } from '../support/faults.js';
import {
  closeMessageApps,
  messageTransports,
  type MessageTransport,
} from './message-transports.js';

const PHASES = ['immediate', 'afterRoute', 'afterResponse'] as const;

/** What does not need an application of its own. */
const cases = PHASES.flatMap((phase) =>
  Object.entries(faults)
    .filter(([, { module }]) => !module)
    .map(([what, fault]) => ({ phase, what, fault })),
);

/** Where units of work come from, all over one application. */
interface Stage {
  readonly app: INestApplicationContext;
  readonly tasks: AppTasks;
  /** Resolves when one has been answered in which this was scheduled. */
  unit(schedule: (tasks: Tasks) => void): Promise<void>;
}

const prefix = randomUUID();
const Handles = (name: string) =>
  applyDecorators(MessagePattern(name), SubscribeMessage(name));

async function overHttp(platform: (typeof platforms)[number]): Promise<Stage> {
  let now: (tasks: Tasks) => void = () => {};
  @Controller()
  class TestController {
    @Get()
    handle(@Tasks() tasks: Tasks) {
      now(tasks);
      return 'value';
    }
  }
  const { app, tasks, request } = await createApp(platform, {
    controllers: [TestController],
  });
  return {
    app,
    tasks,
    unit: async (schedule) => {
      now = schedule;
      expect(await (await request('/')).text()).toBe('value');
    },
  };
}

async function overMessages(transport: MessageTransport): Promise<Stage> {
  let now: (tasks: Tasks) => void = () => {};
  class Handlers {
    @Handles(prefix)
    handle(@Tasks() tasks: Tasks): unknown {
      now(tasks);
      return transport.reply('value');
    }
  }
  const { app, tasks, ask } = await transport.open({ handlers: [Handlers] });
  return {
    app,
    tasks,
    unit: async (schedule) => {
      now = schedule;
      const { values } = await ask(prefix, 'question', { count: 1 });
      expect(values).toEqual(['value']);
    },
  };
}

let resolve: (tasks: Tasks) => void = () => {};
async function* events() {
  yield { followed: 'value' };
}

@Resolver()
class TestResolver {
  @Query(() => String)
  asked(@Tasks() tasks: Tasks) {
    resolve(tasks);
    return 'value';
  }

  @Mutation(() => String)
  changed(@Tasks() tasks: Tasks) {
    resolve(tasks);
    return 'value';
  }

  @Subscription(() => String)
  followed(@Tasks() tasks: Tasks) {
    resolve(tasks);
    return events();
  }
}

const subscription = 'subscription { followed }';
const operations = ['query { asked }', 'mutation { changed }', subscription];

async function overGraphQL(
  platform: (typeof platforms)[number],
  operation: string,
): Promise<Stage> {
  const { app, tasks, url, request } = await createApp(platform, {
    imports: [
      GraphQLModule.forRoot<ApolloDriverConfig>({
        driver: ApolloDriver,
        autoSchemaFile: true,
        subscriptions: { 'graphql-ws': true },
      }),
    ],
    providers: [TestResolver],
  });
  const answer = { [operation.split(' ')[2] ?? '']: 'value' };
  async function send(): Promise<unknown> {
    if (operation !== subscription) {
      const response = await request('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: operation }),
      });
      return [await response.json()];
    }
    const client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
    });
    const received: unknown[] = [];
    for await (const { data } of client.iterate({ query: operation })) {
      received.push({ data });
    }
    await client.dispose();
    return received;
  }
  return {
    app,
    tasks,
    unit: async (schedule) => {
      resolve = schedule;
      expect(await send()).toEqual([{ data: answer }]);
    },
  };
}

async function withoutTransport(): Promise<Stage> {
  const [platform] = platforms;
  const { app, tasks } = await createApp(platform!, {});
  return { app, tasks, unit: (schedule) => tasks.runInScope(schedule) };
}

const MESSAGES = ['TCP', 'WebSocket (ws) over Express', 'socket.io with acks'];
const stages: readonly [string, () => Promise<Stage>][] = [
  ...platforms.map((platform): [string, () => Promise<Stage>] => [
    platform.name,
    () => overHttp(platform),
  ]),
  ...messageTransports
    .filter(({ name }) => MESSAGES.includes(name))
    .map((transport): [string, () => Promise<Stage>] => [
      transport.name,
      () => overMessages(transport),
    ]),
  ...operations.flatMap((operation) =>
    platforms.map((platform): [string, () => Promise<Stage>] => [
      `GraphQL, ${operation}, over ${platform.name}`,
      () => overGraphQL(platform, operation),
    ]),
  ),
  ['runInScope()', withoutTransport],
];

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => unhandled.push(reason);

beforeAll(() => void process.on('unhandledRejection', onUnhandled));
afterEach(async () => {
  await closeMessageApps();
  await closeApps();
});
afterAll(() => {
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled).toEqual([]);
});

/** Schedules what misbehaves, between two tasks that do not. */
function scheduleCase(
  tasks: Tasks,
  { phase, fault }: { phase: (typeof PHASES)[number]; fault: Fault },
): Task[] {
  const scheduler = (phase === 'immediate' ? tasks : tasks[phase]).task({
    shield: true,
  });
  const before = scheduler.schedule(() => 'before');
  const faulty = (phase === 'immediate' ? tasks : tasks[phase])
    .task({ name: 'faulty', shield: true, ...fault.options })
    .schedule(fault.fn ?? boom);
  return [before, faulty, scheduler.schedule(() => 'after')];
}

const statusesOf = (made: readonly Task[]) => made.map(({ status }) => status);
const expected = ({ status = 'failed' }: Fault) => [
  'succeeded',
  status,
  'succeeded',
];

describe.each(stages)('faults over %s', (_name, open) => {
  it('affect neither the answer nor another task', async () => {
    const { tasks, unit } = await open();
    const seen: unknown[] = [];
    for (const each of cases) {
      let made: Task[] = [];
      await unit((scope) => (made = scheduleCase(scope, each)));
      await tasks.idle();
      seen.push([each.phase, each.what, statusesOf(made)]);
    }
    expect(seen).toEqual(
      cases.map(({ phase, what, fault }) => [phase, what, expected(fault)]),
    );
    expect(tasks.stats).toMatchObject({ scheduled: 0, running: 0 });
  });

  it('hold up no shutdown, and cost no shielded task', async () => {
    const { app, tasks, unit } = await open();
    let made: Task[][] = [];
    await unit((scope) => {
      made = cases.map((each) => scheduleCase(scope, each));
    });
    await closeApp(app);
    expect(made.map(statusesOf)).toEqual(
      cases.map(({ fault }) => expected(fault)),
    );
    expect(tasks.stats).toMatchObject({ scheduled: 0, running: 0, dropped: 0 });
  });
});
