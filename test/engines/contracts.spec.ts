import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Injectable, Post } from '@nestjs/common';
import { Task, taskContract, Tasks } from 'nestjs-tasks';
import { bullmqEngine } from 'nestjs-tasks/bullmq';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import { StoringEngine } from './support/storing-engine.js';
import { describeWithRedis, RedisSpace } from './support/redis.js';

afterEach(closeApps);

const SendInvoice = taskContract<(orderId: string) => Promise<string>>(
  'invoice.send',
  { durable: true, retries: 5 },
);
const Preview = taskContract<(orderId: string) => string>('invoice.preview');

@Controller()
class Shop {
  @Post('orders')
  order(@Tasks() tasks: Tasks) {
    return tasks.afterRoute.schedule(SendInvoice, 'order 17').name;
  }

  @Post('previews')
  async preview(@Tasks() tasks: Tasks) {
    return { outcome: await tasks.schedule(Preview, 'order 17').settled() };
  }
}

describe.each(platforms)('a task contract over $name', (platform) => {
  const post = { method: 'POST' } as const;

  it('is stored by an application that does not have its method', async () => {
    const engine = new StoringEngine();
    const { request } = await createApp(platform, {
      tasks: { engine },
      controllers: [Shop],
    });
    const response = await request('/orders', post);
    expect(await response.text()).toBe('invoice.send');
    expect(engine.jobs).toMatchObject([
      { task: 'invoice.send', phase: 'afterRoute', options: {} },
    ]);
  });

  it('fails the route when it cannot be stored, as it cannot run here', async () => {
    const engine = new StoringEngine();
    engine.answer = () => Promise.reject(new Error('down'));
    const { request, log } = await createApp(platform, {
      tasks: { engine },
      controllers: [Shop],
    });
    expect((await request('/orders', post)).status).toBe(503);
    expect(JSON.stringify(log.lines)).toContain('invoice.send');
  });

  it('that is not durable needs its method here', async () => {
    const alone = await createApp(platform, { controllers: [Shop] });
    expect((await alone.request('/previews', post)).status).toBe(500);

    @Injectable()
    class Invoices {
      @Task(Preview)
      preview(orderId: string) {
        return `a preview of ${orderId}`;
      }
    }
    const together = await createApp(platform, {
      controllers: [Shop],
      providers: [Invoices],
    });
    const response = await together.request('/previews', post);
    expect(await response.json()).toEqual({
      outcome: { status: 'succeeded', value: 'a preview of order 17' },
    });
  });
});

it('a contract is refused with a bad name or bad options, and cannot be called', () => {
  expect(() => taskContract('')).toThrow(/must be a string that is not empty/);
  expect(() => taskContract('x', { retries: -1 })).toThrow(/`retries` must be/);
  expect(() => SendInvoice('order 17')).toThrow(/has no method/);
});

describeWithRedis('two applications of different code', () => {
  const space = new RedisSpace();
  const { connection, prefix } = space;
  afterAll(() => space.close());

  it('share a contract: one stores what the other runs', async () => {
    const ran = deferred<string>();
    @Injectable()
    class Invoices {
      @Task(SendInvoice)
      async send(orderId: string) {
        ran.resolve(orderId);
        return orderId;
      }
    }
    const [platform] = platforms;
    if (!platform) throw new Error('There is no platform.');
    const shop = await createApp(platform, {
      tasks: {
        engine: bullmqEngine({
          enqueueTimeout: '30s',
          connection,
          prefix,
          worker: false,
        }),
      },
      controllers: [Shop],
    });
    await createApp(platform, {
      tasks: {
        engine: bullmqEngine({ enqueueTimeout: '30s', connection, prefix }),
      },
      providers: [Invoices],
    });
    await shop.request('/orders', { method: 'POST' });
    expect(await ran.promise).toBe('order 17');
  });
});
