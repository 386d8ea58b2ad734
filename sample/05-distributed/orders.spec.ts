import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { INestApplication, INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { TasksTester } from 'nestjs-tasks/testing';
import {
  describeWithRedis,
  RedisSpace,
} from '../../test/engines/support/redis.js';
import { BackOffice } from '../../test/samples/05-distributed/back-office.js';
import { platforms } from '../../test/support/platforms.js';
import { AppModule } from './app.module.js';

describeWithRedis.each(platforms)('an order over $name', (platform) => {
  let office: BackOffice;
  let space: RedisSpace;
  let queue: string;
  let api: INestApplication;
  let worker: INestApplicationContext;
  let tester: TasksTester;
  let url: string;

  beforeEach(async () => {
    office = new BackOffice();
    space = new RedisSpace();
    const { host, port: redisPort } = space.connection;
    process.env['REDIS_URL'] = `redis://${host}:${redisPort}`;
    process.env['QUEUE'] = queue = `sample-${randomUUID()}`;
    process.env['BACK_OFFICE_URL'] = await office.listen();
    const module = await Test.createTestingModule({
      imports: [AppModule.forRoot('api')],
    }).compile();
    api = module.createNestApplication(platform.adapter(), { logger: false });
    await api.listen(0, '127.0.0.1');
    const { port } = api.getHttpServer().address() as AddressInfo;
    url = `http://127.0.0.1:${port}/orders`;
    tester = TasksTester.for(api);
    worker = await NestFactory.createApplicationContext(
      AppModule.forRoot('worker'),
      { logger: false },
    );
  });

  afterEach(async () => {
    await api.close();
    await worker.close();
    await office.close();
    const keys = await space.client.keys(`bull:${queue}:*`);
    if (keys.length > 0) await space.client.unlink(keys);
    await space.close();
  });

  it('is stored by the API and carried out by a worker, step by step, with its keys', async () => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'ada@example.com', cents: 4028 }),
    });
    expect(response.status).toBe(201);
    const { orderId } = (await response.json()) as { orderId: string };
    // The 2xx means that they are stored.
    expect(tester.scheduled({ status: 'enqueued' })).toHaveLength(3);

    await office.completed([orderId]);
    expect(office.bookings).toHaveLength(3);
    expect(office.bookings).toEqual(
      expect.arrayContaining(
        ['payment', 'stock', 'mail'].map((step) =>
          expect.objectContaining({
            orderId,
            step,
            key: `${step}:${orderId}`,
            attempt: 1,
          }),
        ),
      ),
    );
  });
});
