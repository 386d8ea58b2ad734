import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describeWithPgBoss } from '../../test/engines/support/pg-boss-node.js';
import { Mailbox } from '../../test/samples/06-outbox/mailbox.js';
import { platforms } from '../../test/support/platforms.js';
import { Database } from '../database/database.js';
import { AppModule } from './app.module.js';

describeWithPgBoss.each(platforms)('an account over $name', (platform) => {
  let mailbox: Mailbox;
  let app: INestApplication;
  let url: string;

  beforeAll(async () => {
    mailbox = new Mailbox();
    process.env['MAIL_URL'] = await mailbox.listen();
    process.env['DATABASE_URL'] = 'memory://';
    const module = await Test.createTestingModule({
      imports: [AppModule.forRoot()],
    }).compile();
    app = module.createNestApplication(platform.adapter(), { logger: false });
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    url = `http://127.0.0.1:${port}/accounts`;
  }, 60_000);

  afterAll(async () => {
    await app.close();
    await mailbox.close();
  });

  /** Asks again while the engine is still creating its queue. */
  async function open(email: string, plan: string): Promise<Response> {
    for (;;) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, plan }),
      });
      if (response.status !== 503) return response;
      await response.arrayBuffer();
    }
  }
  const accountsOf = (email: string) =>
    app
      .get(Database)
      .query<{ id: string }>('SELECT id FROM accounts WHERE email = $1', [
        email,
      ]);

  it('that is opened gets one mail, and one that is rolled back gets none', async () => {
    const opened = `${randomUUID()}@example.com`;
    const refused = `${randomUUID()}@example.com`;
    expect((await open(refused, 'gold')).status).toBe(409);
    const response = await open(opened, 'pro');
    expect(response.status).toBe(201);
    const { id } = (await response.json()) as { id: string };
    await mailbox.reached([opened]);

    expect(mailbox.mails).toEqual([
      expect.objectContaining({ to: opened, key: `welcome:${id}` }),
    ]);
    expect(await accountsOf(opened)).toEqual([{ id }]);
    expect(await accountsOf(refused)).toEqual([]);
  });
});
