import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { Tasks } from 'nestjs-tasks';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

describe.each(platforms)('the three moments over $name', (platform) => {
  it('come in the order immediate, after route, after response', async () => {
    const order: string[] = [];
    @Controller()
    class OrderController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        const note = (what: string) => void order.push(what);
        tasks.afterResponse.schedule(note, 'after response');
        tasks.afterRoute.schedule(note, 'after route');
        tasks.schedule(note, 'immediate');
        order.push('handler');
        return { the: 'value' };
      }
    }
    const { request, tasks } = await createApp(platform, {
      controllers: [OrderController],
    });

    const response = await request('/');

    expect(await response.json()).toEqual({ the: 'value' });
    await tasks.idle();
    expect(order).toEqual([
      'handler',
      'immediate',
      'after route',
      'after response',
    ]);
  });
});
