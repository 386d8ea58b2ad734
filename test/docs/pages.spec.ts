import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Controller, Inject, Injectable, Post } from '@nestjs/common';
import type { ClsService } from 'nestjs-cls';
import { GraphQLModule } from '@nestjs/graphql';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { WsAdapter } from '@nestjs/platform-ws';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';
import { lastValueFrom } from 'rxjs';
import { WebSocket } from 'ws';
import { Task, Tasks, TasksModule } from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { TasksTester, TasksTestingModule } from 'nestjs-tasks/testing';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import { canRequireModules } from '../support/require-modules.js';
import { AppModule } from './pages/configuration.js';
import { collectWork, waitForTasks } from './pages/lambda.js';
import { MailTasks } from './pages/mail.tasks.js';
import { Nightly, ReportTasks } from './pages/nightly.js';
import { OrdersGateway } from './pages/orders.gateway.js';
import { OrdersMessages } from './pages/orders.messages.js';
import { OrdersResolver } from './pages/orders.resolver.js';
import { ReportTasks as RecurringReports } from './pages/report.tasks.js';

const root = process.cwd();
const folder = join(root, 'test', 'docs', 'pages');

afterEach(closeApps);

const platform = platforms[0];
if (!platform) throw new Error('There is no platform.');

/** Which page has the code of which file. */
const PAGES: Readonly<Record<string, string>> = {
  'configuration.ts': 'guides/configuration.md',
  'lambda.ts': 'guides/serverless.md',
  'mail.tasks.ts': 'guides/handlers.md',
  'nightly.ts': 'migration/from-nestjs-schedule.md',
  'orders.gateway.ts': 'guides/handlers.md',
  'orders.messages.ts': 'guides/handlers.md',
  'orders.resolver.ts': 'guides/handlers.md',
  'outside-transactions.ts': 'guides/databases.md',
  'report.tasks.ts': 'guides/recurring.md',
  'request-context.ts': 'guides/context.md',
};

it.each(readdirSync(folder))('%s is on a page as it is run here', (file) => {
  const page = readFileSync(join(root, 'docs', PAGES[file] ?? ''), 'utf8');
  const code = readFileSync(join(folder, file), 'utf8');
  expect(page).toContain(code.trim());
});

it('the module takes its options from ConfigService', async () => {
  const module = await Test.createTestingModule({
    imports: [AppModule],
    providers: [MailTasks],
  }).compile();
  await module.init();
  expect(module.get(TasksModule, { strict: false })).toBeDefined();
  await module.close();
});

it('the tasks of the page of recurring tasks run as its test shows', async () => {
  const module = await Test.createTestingModule({
    imports: [TasksModule.forRoot({ engine: inProcessEngine() })],
    providers: [RecurringReports],
  })
    .overrideModule(TasksModule)
    .useModule(TasksTestingModule.forRoot({ mode: 'inline' }))
    .compile();
  const app = await module.createNestApplication({ logger: false }).init();
  const tester = TasksTester.for(app);
  const task = await tester.fire('report.nightly');
  expect(task.status).toBe('succeeded');

  await tester.advance('24h');
  // A day may have 25 hours.
  await tester.advance('1h');
  await tester.settled();
  const polls = tester.scheduled({ name: 'inbox.poll', status: 'succeeded' });
  expect(polls.length).toBeGreaterThanOrEqual(96);
  const nights = tester.scheduled({
    name: 'report.nightly',
    status: 'succeeded',
  });
  expect(nights.length).toBeGreaterThanOrEqual(2);
  await app.close();
});

describe('the code of the page of handlers', () => {
  const email = 'ada@example.org';
  const sent = async ({ app, tester }: Awaited<ReturnType<typeof start>>) => {
    await tester.waitFor({ name: 'mail.confirm', status: 'succeeded' });
    return app.get(MailTasks).sent;
  };
  const start = (metadata: Parameters<typeof createApp>[1]) =>
    createApp(platform, {
      ...metadata,
      providers: [MailTasks, ...(metadata.providers ?? [])],
    });

  it('schedules in a GraphQL resolver', async () => {
    const app = await start({
      imports: [
        GraphQLModule.forRoot<ApolloDriverConfig>({
          driver: ApolloDriver,
          autoSchemaFile: true,
        }),
      ],
      providers: [OrdersResolver],
    });
    void app.tester;
    const query = `mutation { order(email: "${email}") }`;
    const response = await app.request('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });

    expect(await response.json()).toEqual({ data: { order: 'accepted' } });
    expect(await sent(app)).toEqual([email]);
  });

  it('schedules in a WebSocket gateway', async () => {
    const app = await start({
      providers: [OrdersGateway],
      configure: (created) =>
        created.useWebSocketAdapter(new WsAdapter(created)),
    });
    void app.tester;
    const socket = new WebSocket(app.url.replace('http', 'ws'));
    const answer = deferred<string>();
    socket.on('open', () =>
      socket.send(JSON.stringify({ event: 'order', data: { email } })),
    );
    socket.on('message', (data: Buffer) => answer.resolve(data.toString()));

    expect(await answer.promise).toBe('{"event":"order","data":"accepted"}');
    expect(await sent(app)).toEqual([email]);
    socket.close();
  });

  it('schedules in handlers of messages and events', async () => {
    const host = '127.0.0.1';
    let port = 0;
    const app = await start({
      controllers: [OrdersMessages],
      configure: async (created) => {
        const service = created.connectMicroservice({
          transport: Transport.TCP,
          options: { host, port },
        });
        await created.startAllMicroservices();
        ({ port } = service.unwrap<Server>().address() as AddressInfo);
      },
    });
    void app.tester;
    const client = ClientProxyFactory.create({
      transport: Transport.TCP,
      options: { host, port },
    });

    expect(await lastValueFrom(client.send('order', { email }))).toBe(
      'accepted',
    );
    await lastValueFrom(client.emit('ordered', { email }), {
      defaultValue: undefined,
    });
    await app.tester.waitFor({ name: 'mail.confirm', status: 'succeeded' });
    expect(await sent(app)).toContain(email);
    client.close();
  });
});

const describeCommonJsPackages = canRequireModules ? describe : describe.skip;

describeCommonJsPackages('the code about contexts', () => {
  // Jest refuses packages in CommonJS that require() those of NestJS 12 while these are
  // still being loaded.
  let nestjsCls: typeof import('nestjs-cls');
  let transactional: typeof import('@nestjs-cls/transactional');
  beforeAll(async () => {
    nestjsCls = await import('nestjs-cls');
    transactional = await import('@nestjs-cls/transactional');
  });

  it('gives durable tasks the request id of nestjs-cls', async () => {
    const { ClsModule, ClsService: Cls } = nestjsCls;
    const { requestIds } = await import('./pages/request-context.js');
    const seen: unknown[] = [];
    @Injectable()
    class Worker {
      constructor(@Inject(Cls) private readonly cls: ClsService) {}

      @Task('work', { durable: true })
      work() {
        seen.push(this.cls.getId());
      }
    }
    @Controller()
    class Works {
      constructor(@Inject(Cls) private readonly cls: ClsService) {}

      @Post()
      create(@Tasks() tasks: Tasks) {
        tasks.afterRoute.of(Worker).work();
        return this.cls.getId();
      }
    }
    const { request, tester } = await createApp(platform, {
      imports: [
        ClsModule.forRoot({ middleware: { mount: true, generateId: true } }),
      ],
      controllers: [Works],
      providers: [Worker],
      tasks: { engine: inProcessEngine(), propagation: requestIds },
    });
    void tester;
    const response = await request('/', { method: 'POST' });
    const id = await response.text();
    await tester.settled();

    expect(id).toMatch(/\w/);
    expect(seen).toEqual([id]);
  });

  it.each([
    ['with', [false, false]],
    ['without', [true, false]],
  ])(
    '%s the interceptor, whether a task of a transaction is in it before and after its end: %j',
    async (withIt, areInside) => {
      const { ClsModule, ClsService: Cls } = nestjsCls;
      const {
        ClsPluginTransactional,
        NoOpTransactionalAdapter,
        TransactionHost,
      } = transactional;
      const { OutsideTransactions } =
        await import('./pages/outside-transactions.js');
      const interceptors = withIt === 'with' ? [OutsideTransactions] : [];
      const { app, tasks } = await createApp(platform, {
        imports: [
          ClsModule.forRoot({
            plugins: [
              new ClsPluginTransactional({
                adapter: new NoOpTransactionalAdapter({
                  tx: {},
                  disableWarning: true,
                }),
              }),
            ],
          }),
        ],
        tasks: { interceptors },
      });
      const host = app.get(TransactionHost);
      const isOver = deferred();
      const isActive = () => host.isTransactionActive();
      const work = async () => {
        const before = isActive();
        await isOver.promise;
        return [before, isActive()];
      };
      // In a list: a promise would wait for the task inside the transaction.
      const [task] = await app.get(Cls).run(() =>
        host.withTransaction(async () => {
          const scheduled = tasks.schedule(work);
          await scheduled.started();
          return [scheduled] as const;
        }),
      );
      isOver.resolve();

      expect(await task.settled()).toEqual({
        status: 'succeeded',
        value: areInside,
      });
    },
  );
});

it('a function of a serverless platform waits for the tasks of its invocation', async () => {
  const gate = deferred();
  const ran: string[] = [];
  const { tasks } = await createApp(platform, {
    tasks: { waitUntil: collectWork },
  });
  const handler = waitForTasks(async (name: string) => {
    tasks.schedule(async () => {
      await gate.promise;
      ran.push(name);
    });
    return `answer to ${name}`;
  });

  const answer = handler('ada');
  gate.resolve();

  expect(await answer).toBe('answer to ada');
  expect(ran).toEqual(['ada']);
});

it('a cron job of @nestjs/schedule schedules a task with retries and a shield', async () => {
  const { app } = await createApp(platform, {
    imports: [ScheduleModule.forRoot()],
    providers: [Nightly, ReportTasks],
  });
  const tester = TasksTester.for(app);
  const [job] = app.get(SchedulerRegistry).getCronJobs().values();
  await job?.fireOnTick();
  await tester.settled();

  expect(app.get(ReportTasks).built).toHaveLength(1);
  tester.assertScheduled({ name: 'report.build', status: 'succeeded' });
});
