import { once } from 'node:events';
import {
  request as ask,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { VersioningType } from '@nestjs/common';
import { TasksDashboardModule } from 'nestjs-tasks/dashboard';
import type { TaskRow } from '../../lib/dashboard/wire/live-message.js';
import type {
  StoredPageRow,
  StoreOverview,
} from '../../lib/dashboard/wire/stored.js';
import { TasksHost } from '../../lib/nest/module/tasks-host.js';
import { StoringEngine } from '../engines/support/storing-engine.js';
import { closeApps } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';
import {
  AdminGuard,
  buildPage,
  mailServer,
  Mailer,
  openShop,
  ORDER,
  sent,
} from './support/dashboard-app.js';
import { LiveReader } from './support/live-reader.js';

beforeAll(buildPage);

describe.each(platforms)('the dashboard over $name', (platform) => {
  let shop: Awaited<ReturnType<typeof openShop>>;
  beforeAll(async () => {
    shop = await openShop(platform);
  });
  afterAll(closeApps);

  it('answers with one page, which refers to no other file', async () => {
    const response = await shop.request('/tasks');

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(
      'text/html; charset=utf-8',
    );
    const policy = response.headers.get('content-security-policy');
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-\S+'; /);
    expect(policy).not.toContain('unsafe');
    expect(await response.text()).not.toMatch(
      /<(script|link)[^>]*\b(src|href)="(?!data:)/,
    );
  });

  it('sends what happens to requests and their tasks', async () => {
    const live = await LiveReader.open(`${shop.url}/tasks/events`);
    const [first] = await live.until(({ process }) => !!process);
    expect(first?.process).toMatchObject({
      pid: process.pid,
      hasActions: false,
      hasStore: true,
    });
    await shop.request('/orders?secret=1', ORDER);
    const messages = await live.until(({ tasks }) =>
      tasks.some(
        ({ name, status }) => name === 'sendReceipt' && status === 'succeeded',
      ),
    );
    live.close();

    const scope = messages.flatMap(({ scopes }) => scopes).at(-1);
    expect(scope).toMatchObject({
      label: 'POST /orders',
      statusCode: 201,
      isDelivered: true,
      hasFailed: false,
    });
    const receipts = messages
      .flatMap(({ tasks }) => tasks)
      .filter(({ name }) => name === 'sendReceipt');
    expect(receipts.at(-1)).toMatchObject({
      name: 'sendReceipt',
      phase: 'afterResponse',
      status: 'succeeded',
      attempt: 1,
      attempts: 1,
      scope: scope?.number,
      args: { count: 1 },
    });
    expect(JSON.stringify(messages)).not.toContain('4111');
  });

  it('asks its guards about the page and the stream', async () => {
    AdminGuard.asked.length = 0;
    AdminGuard.isOpen = false;
    const refused = await Promise.all(
      ['/tasks', '/tasks/events'].map((path) => shop.request(path)),
    );
    AdminGuard.isOpen = true;

    expect(refused.map(({ status }) => status)).toEqual([403, 403]);
    expect(AdminGuard.asked.sort()).toEqual([
      'GET /tasks',
      'GET /tasks/events',
    ]);
  });

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://elsewhere.example' },
  ])('refuses a stream to another site: %j', async (headers) => {
    const { status } = await shop.request('/tasks/events', { headers });

    expect(status).toBe(403);
  });
});

describe.each(platforms)('the actions over $name', (platform) => {
  const fromPage = {
    'x-tasks-dashboard': '1',
    'sec-fetch-site': 'same-origin',
  };
  let shop: Awaited<ReturnType<typeof openShop>>;
  beforeAll(async () => {
    shop = await openShop(platform, { dashboard: { actions: true } });
  });
  afterAll(closeApps);

  const post = async (path: string, headers: Record<string, string>) => {
    const response = await shop.request(path, { method: 'POST', headers });
    return { status: response.status, body: await response.json() };
  };
  const stored = async (query: string) => {
    const response = await shop.request(`/tasks/stored/tasks?${query}`);
    return (await response.json()) as StoredPageRow;
  };
  const until = async (id: string, status: string) => {
    for (;;) {
      const { tasks } = await stored(`id=${id}`);
      if (tasks[0]?.status === status) return tasks[0];
      await nextTurn();
    }
  };

  const failedMail = async () => {
    mailServer.isUp = false;
    const { id } = shop.tasks.of(Mailer).send('ada@example.com');
    const task = await until(id, 'failed');
    mailServer.isUp = true;
    return task;
  };

  it('run a stored task again', async () => {
    const task = await failedMail();
    const { id } = task;
    expect(task).toMatchObject({
      name: 'mail.send',
      args: { count: 1 },
      error: { message: 'the mail server does not answer' },
    });
    expect(JSON.stringify(await stored('status=failed'))).not.toContain('ada@');

    expect(await post(`/tasks/stored/retry?id=${id}`, fromPage)).toEqual({
      status: 200,
      body: { changed: 1 },
    });
    // This store does not keep what has succeeded.
    while ((await stored(`id=${id}`)).tasks.length > 0) await nextTurn();
    expect(sent).toContain(id);
  });

  it('remove a stored task', async () => {
    const { id } = await failedMail();
    expect(await post(`/tasks/stored/remove?id=${id}`, fromPage)).toEqual({
      status: 200,
      body: { changed: 1 },
    });
    expect((await stored(`id=${id}`)).tasks).toEqual([]);
  });

  it('pause a queue', async () => {
    const isPaused = async () => {
      const response = await shop.request('/tasks/stored/overview');
      return ((await response.json()) as StoreOverview).queues[0]?.isPaused;
    };
    const turn = (action: string) =>
      post(`/tasks/stored/${action}?queue=default`, fromPage);
    const changed = (count: number) => ({
      status: 200,
      body: { changed: count },
    });
    expect(await turn('pause')).toEqual(changed(1));
    expect(await isPaused()).toBe(true);
    expect(await turn('pause')).toEqual(changed(0));
    expect(await turn('resume')).toEqual(changed(1));
    expect(await isPaused()).toBe(false);
    expect(await turn('resume')).toEqual(changed(0));
  });

  it.each([
    ['without the header of the page', {}],
    ['of another site', { ...fromPage, 'sec-fetch-site': 'cross-site' }],
    [
      'of another origin',
      { 'x-tasks-dashboard': '1', origin: 'https://elsewhere.example' },
    ],
  ])('are refused %s', async (_what, headers) => {
    const { id } = await failedMail();
    const { status } = await post(`/tasks/stored/retry?id=${id}`, headers);

    expect(status).toBe(403);
    expect(await until(id, 'failed')).toBeDefined();
  });

  it('say what is wrong with a request', async () => {
    expect(await post('/tasks/stored/retry?status=lost', fromPage)).toEqual({
      status: 400,
      body: {
        code: 'TASK_INVALID_OPTION',
        message: expect.stringContaining('`status`'),
      },
    });
    expect(
      await post('/tasks/live/cancel?process=another&id=1', fromPage),
    ).toMatchObject({ status: 400 });
    expect(
      await post('/tasks/stored/pause?queue=unheard', fromPage),
    ).toMatchObject({ status: 400, body: { code: 'TASK_INVALID_OPTION' } });
    expect(await post('/tasks/stored/explode?id=1', fromPage)).toEqual({
      status: 404,
      body: { code: 'NOT_FOUND', message: 'There is no action "explode".' },
    });
  });

  it('are refused where nobody has allowed them', async () => {
    const { request } = await openShop(platform);
    const response = await request('/tasks/stored/pause?queue=default', {
      method: 'POST',
      headers: fromPage,
    });

    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: 'READ_ONLY' });
  });
});

describe.each(platforms)('without guards over $name', (platform) => {
  afterAll(closeApps);

  it.each([
    [undefined, '127.0.0.1:3000', 200],
    [undefined, '[::1]:3000', 200],
    [undefined, 'localhost', 200],
    [undefined, 'shop.localhost:3000', 200],
    [undefined, 'rebound.example:3000', 403],
    [undefined, 'localhost.rebound.example', 403],
    [['tasks.example'], 'tasks.example:8443', 200],
    [['tasks.example'], 'rebound.example', 403],
  ])(
    'with hosts %j, a request for %s is answered with %i',
    async (hosts, host, expected) => {
      const { url } = await openShop(platform, {
        dashboard: { guards: [], public: true, actions: true, hosts },
      });
      // A page of the site that the browser thinks it talks to.
      const headers = {
        host,
        origin: `http://${host}`,
        'x-tasks-dashboard': '1',
      };
      const read = await statusOf(`${url}/tasks/stored/overview`, { headers });
      expect(read).toBe(expected);
      const pause = `${url}/tasks/stored/pause?queue=default`;
      const acted = await statusOf(pause, { headers, method: 'POST' });
      expect(acted).toBe(expected);
      const live = `${url}/tasks/events`;
      expect(await statusOf(live, { headers })).toBe(expected);
    },
  );

  it('any host is answered where guards decide', async () => {
    const { url } = await openShop(platform);
    const headers = { host: 'tasks.example' };
    expect(await statusOf(`${url}/tasks/stored/overview`, { headers })).toBe(
      200,
    );
  });
});

/** Of a request with any headers, `host` included. */
async function statusOf(
  url: string,
  options: RequestOptions,
): Promise<number | undefined> {
  const asked = ask(url, options).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.destroy();
  return response.statusCode;
}

describe.each(platforms)('behind prefixes over $name', (platform) => {
  afterAll(closeApps);

  it('is found under the global prefix, whatever the version', async () => {
    const { request } = await openShop(platform, {
      dashboard: { path: '/admin/tasks/' },
      configure: (app) =>
        app
          .setGlobalPrefix('api')
          .enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
    });

    expect((await request('/api/admin/tasks')).status).toBe(200);
  });
});

/** The row of the first task that has succeeded. */
async function settledRow(live: LiveReader): Promise<TaskRow | undefined> {
  const isSettled = ({ status }: TaskRow) => status === 'succeeded';
  const messages = await live.until(({ tasks }) => tasks.some(isSettled));
  live.close();
  return messages.at(-1)?.tasks.find(isSettled);
}

describe.each(platforms)('recording over $name', (platform) => {
  afterAll(closeApps);

  it('happens while a page is open, and shows what `show` lets be seen', async () => {
    const { app, url, request, tasks } = await openShop(platform, {
      dashboard: { show: ({ name, args }) => ({ name, card: args.length }) },
    });
    const { runtime } = app.get(TasksHost).hosted!;
    const isObserved = () =>
      runtime.observers.wants('started') || runtime.watches.current;
    expect(isObserved()).toBeFalsy();
    await request('/orders', ORDER);
    expect(isObserved()).toBeFalsy();
    const live = await LiveReader.open(`${url}/tasks/events`);
    await live.next();
    expect(isObserved()).toBeTruthy();
    await request('/orders', ORDER);
    const messages = await live.until((message) =>
      message.tasks.some(
        ({ name, status }) => name === 'sendReceipt' && status === 'succeeded',
      ),
    );
    live.close();

    const rows = messages.flatMap((message) => message.tasks);
    expect(
      rows.filter(({ name }) => name === 'sendReceipt').at(-1),
    ).toMatchObject({
      args: { count: 1, shown: "{ name: 'sendReceipt', card: 1 }" },
    });
    expect(tasks.stats.succeeded).toBeGreaterThan(4);
  });

  it('happens from the start with `record`, within its limits', async () => {
    const { url, tasks } = await openShop(platform, {
      dashboard: { record: true, maxSettled: 3 },
    });
    for (let index = 0; index < 5; index += 1) {
      tasks.task({ name: `task ${index}` }).schedule(() => {});
    }
    await tasks.idle();
    const live = await LiveReader.open(`${url}/tasks/events`);
    const first = await live.next();
    live.close();

    expect(first?.tasks.map(({ name }) => name)).toEqual([
      'task 2',
      'task 3',
      'task 4',
    ]);
  });

  it('shows each attempt, and why it failed', async () => {
    const { url, tasks } = await openShop(platform);
    const live = await LiveReader.open(`${url}/tasks/events`);
    await live.next();
    let isBusy = true;
    const charge = () => {
      if (!isBusy) return;
      isBusy = false;
      throw new Error('the gateway is busy');
    };
    tasks.task({ name: 'charge', retries: 1 }).schedule(charge);
    const row = await settledRow(live);

    expect(row).toMatchObject({
      name: 'charge',
      attempt: 2,
      runs: [
        [expect.any(Number), expect.any(Number)],
        [expect.any(Number), expect.any(Number)],
      ],
      error: { message: 'the gateway is busy' },
    });
  });

  it('shows why a durable task runs here', async () => {
    const engine = new StoringEngine();
    engine.answer = () => Promise.reject(new Error('the store is down'));
    const { url, tasks } = await openShop(platform, { tasks: { engine } });
    const live = await LiveReader.open(`${url}/tasks/events`);
    await live.next();
    tasks.of(Mailer).send('ada@example.com');
    const row = await settledRow(live);

    expect(row).toMatchObject({
      name: 'mail.send',
      isDurable: true,
      runs: [[expect.any(Number), expect.any(Number)]],
      error: { message: expect.stringContaining('the store is down') },
    });
  });

  it('does not keep the server from closing, however many pages are open', async () => {
    const { url, request } = await openShop(platform, {
      dashboard: { maxViewers: 2 },
    });
    const open = () => LiveReader.open(`${url}/tasks/events`);
    const pages = [await open(), await open()];
    expect((await request('/tasks/events')).status).toBe(503);
    const closed = closeApps();

    for (const page of pages) {
      while (await page.next());
    }
    await closed;
  });
});

describe('the options', () => {
  const forRoot = (options: object) => TasksDashboardModule.forRoot(options);

  it('must say who sees the dashboard', () => {
    for (const options of [{}, { guards: [] }, { public: false }]) {
      expect(() => forRoot(options)).toThrow(
        expect.objectContaining({
          code: 'TASK_INVALID_OPTION',
          message: expect.stringContaining('`guards: [AdminGuard]`'),
        }),
      );
    }
    expect(() => forRoot({ public: true })).not.toThrow();
    expect(() =>
      TasksDashboardModule.forRootAsync({ useFactory: () => ({}) }),
    ).toThrow('`public: true`');
  });

  it.each([
    [{ guards: [class {}] }, '`guards[]`'],
    [{ public: 'yes' }, '`public`'],
    [{ path: 7, public: true }, '`path`'],
    [{ hosts: ['tasks.example:3000'], public: true }, '`hosts[]`'],
    [{ maxScopes: 0, public: true }, '`maxScopes`'],
    [{ show: true, public: true }, '`show`'],
    [{ theme: 'dark', public: true }, '`theme`'],
  ])('%j is refused', (options, named) => {
    expect(() => forRoot(options)).toThrow(named);
  });
});
