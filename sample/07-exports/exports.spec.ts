import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { StoredTasks, type StoredTask } from 'nestjs-tasks';
import { describeWithPgBoss } from '../../test/engines/support/pg-boss-node.js';
import {
  newDatabase,
  type TestDatabase,
} from '../../test/samples/test-database.js';
import { platforms } from '../../test/support/platforms.js';
import { AppModule } from './app.module.js';

describeWithPgBoss.each(platforms)('exports over $name', (platform) => {
  let app: INestApplication;
  let url: string;
  let database: TestDatabase;

  beforeAll(async () => {
    database = await newDatabase();
    process.env['DATABASE_URL'] = database.url;
    const module = await Test.createTestingModule({
      imports: [AppModule.forRoot()],
    }).compile();
    app = module.createNestApplication(platform.adapter(), { logger: false });
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    url = `http://127.0.0.1:${port}`;
  }, 60_000);

  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  const create = async () => {
    const response = await fetch(`${url}/exports`, { method: 'POST' });
    expect(response.status).toBe(202);
    return (await response.json()) as { id: string; location: string };
  };
  const show = async (location: string) =>
    (await (await fetch(url + location)).json()) as Partial<StoredTask>;
  const until = async (location: string, status: string) => {
    for (;;) {
      const view = await show(location);
      if (view.status === status) return view;
    }
  };

  it('are accepted with 202, and show their progress, result and file', async () => {
    const { id, location } = await create();
    expect(await until(location, 'succeeded')).toEqual({
      status: 'succeeded',
      attempt: 1,
      progress: { rows: 1_000, percent: 100 },
      result: { file: `/exports/${id}/file`, rows: 1_000 },
    });
    const csv = await (await fetch(`${url}${location}/file`)).text();
    expect(csv.split('\n')).toHaveLength(1_001);
    expect(csv).toContain('1000,customer1000@example.com,1500');
  });

  it('are cancelled by DELETE', async () => {
    const stored = app.get(StoredTasks);
    await stored.pause();
    const { location } = await create();
    expect(await show(location)).toMatchObject({ status: 'waiting' });
    const response = await fetch(url + location, { method: 'DELETE' });
    expect(response.status).toBe(204);
    expect(await show(location)).toMatchObject({ status: 'cancelled' });
    await stored.resume();
    expect((await fetch(`${url}${location}/file`)).status).toBe(404);
    expect((await fetch(`${url}/exports/nonsense`)).status).toBe(404);
  });
});
