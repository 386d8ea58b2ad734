import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  it,
} from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { StoredTasks, type StoredTask } from 'nestjs-tasks';
import { describeWithPgBoss } from '../../test/engines/support/pg-boss-node.js';
import {
  describeWithPostgres,
  POSTGRES_URL,
  PostgresSpace,
} from '../../test/engines/support/postgres.js';
import {
  describeWithRedisServer,
  RedisServer,
} from '../../test/engines/support/redis-server.js';
import { platforms, type Platform } from '../../test/support/platforms.js';
import { AppModule } from './app.module.js';

describeWithPgBoss('exports', () => {
  describe.each(platforms)('in the embedded database, over $name', (platform) =>
    exportsAre(platform, async () => ({ DATABASE_URL: 'memory://' })),
  );

  describeWithPostgres('in PostgreSQL', () => {
    const space = new PostgresSpace();
    const names: string[] = [];
    afterAll(async () => {
      for (const name of names) await space.query(`DROP DATABASE ${name}`);
      await space.close();
    });

    // Others use the default schema of pg-boss in a database that they share.
    const newDatabase = async () => {
      const name = `exports_${randomUUID().replaceAll('-', '')}`;
      await space.query(`CREATE DATABASE ${name}`);
      names.push(name);
      const url = new URL(POSTGRES_URL);
      url.pathname = name;
      return { DATABASE_URL: url.href };
    };
    describe.each(platforms)('over $name', (platform) =>
      exportsAre(platform, newDatabase),
    );
  });

  describeWithRedisServer('in Redis', () => {
    afterAll(() => RedisServer.removeAll());

    describe.each(platforms)('over $name', (platform) =>
      exportsAre(platform, async () => {
        const { host, port } = (await RedisServer.start()).connection;
        return {
          DATABASE_URL: 'memory://',
          REDIS_URL: `redis://${host}:${port}`,
        };
      }),
    );
  });
});

/** Over what `configure` gives, anew for the tests of this platform. */
function exportsAre(
  platform: Platform,
  configure: () => Promise<Record<string, string>>,
): void {
  let app: INestApplication;
  let url: string;
  let names: string[];

  beforeAll(async () => {
    const configuration = await configure();
    names = Object.keys(configuration);
    Object.assign(process.env, configuration);
  });
  afterEach(() => app.close());
  afterAll(() => {
    for (const name of [...names, 'PAGE_PAUSE_MS']) delete process.env[name];
  });

  const start = async (pagePauseMs = 0) => {
    process.env['PAGE_PAUSE_MS'] = String(pagePauseMs);
    const module = await Test.createTestingModule({
      imports: [AppModule.forRoot()],
    }).compile();
    app = module.createNestApplication(platform.adapter(), { logger: false });
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    url = `http://127.0.0.1:${port}`;
  };
  const create = async () => {
    const response = await fetch(`${url}/exports`, { method: 'POST' });
    expect(response.status).toBe(202);
    return (await response.json()) as { id: string; location: string };
  };
  const show = async (location: string) =>
    (await (await fetch(url + location)).json()) as Partial<StoredTask>;
  const until = async (
    location: string,
    isSo: (view: Partial<StoredTask>) => boolean,
  ) => {
    for (;;) {
      const view = await show(location);
      if (isSo(view)) return view;
    }
  };
  const cancel = async (location: string) => {
    const { status } = await fetch(url + location, { method: 'DELETE' });
    expect(status).toBe(204);
  };

  it('are accepted with 202, and show their progress, result and file', async () => {
    await start();
    const { id, location } = await create();
    expect(
      await until(location, ({ status }) => status === 'succeeded'),
    ).toEqual({
      status: 'succeeded',
      attempt: 1,
      progress: { rows: 1_000, percent: 100 },
      result: { file: `/exports/${id}/file`, rows: 1_000 },
    });
    const csv = await (await fetch(`${url}${location}/file`)).text();
    expect(csv.split('\n')).toHaveLength(1_001);
    expect(csv).toContain('1000,customer1000@example.com,1500');
  });

  it('are cancelled by DELETE while they wait', async () => {
    await start(600_000);
    const stored = app.get(StoredTasks);
    await stored.pause();
    // Workers may take tasks for a second more.
    for (;;) {
      const { location } = await create();
      const { status } = await show(location);
      await cancel(location);
      await until(location, (view) => view.status === 'cancelled');
      expect((await fetch(`${url}${location}/file`)).status).toBe(404);
      if (status === 'waiting') break;
    }
    await stored.resume();
    expect((await fetch(`${url}/exports/nonsense`)).status).toBe(404);
  });

  it('are cancelled by DELETE while they run', async () => {
    await start(600_000);
    const { location } = await create();
    await until(location, ({ progress }) => progress !== undefined);
    await cancel(location);
    expect(
      await until(location, ({ status }) => status !== 'running'),
    ).toMatchObject({ status: 'cancelled', progress: { percent: 10 } });
    expect((await fetch(`${url}${location}/file`)).status).toBe(404);
  });
}
