import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Param, Res } from '@nestjs/common';
import { Tasks } from 'nestjs-tasks';
import { EMPTY, delay, from, of, throwError } from 'rxjs';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

/** What a handler may return, and what the client gets. */
const results = {
  value: { give: () => 'value', body: 'value' },
  promise: { give: () => Promise.resolve('promise'), body: 'promise' },
  nothing: { give: () => undefined, body: '' },
  'Observable of one': { give: () => of('one'), body: 'one' },
  'Observable of many': {
    give: () => from(['one', 'two', 'three']).pipe(delay(1)),
    body: 'three',
  },
  'promise of an Observable': {
    give: () => Promise.resolve(of('one')),
    body: 'one',
  },
} as const;

interface AnyResponse {
  send(body: string): unknown;
  header(name: string, value: string): unknown;
}

describe.each(platforms)('a handler over $name', (platform) => {
  it.each(Object.keys(results))(
    'that returns %s releases both phases once, on completion',
    async (kind) => {
      const ran: string[] = [];
      @Controller()
      class ResultController {
        @Get()
        handle(@Tasks() tasks: Tasks): unknown {
          tasks.afterRoute.schedule(() => void ran.push('after route'));
          tasks.afterResponse.schedule(() => void ran.push('after response'));
          return results[kind as keyof typeof results].give();
        }
      }
      const { request, tasks } = await createApp(platform, {
        controllers: [ResultController],
      });

      const body = await (await request('/')).text();
      await tasks.idle();

      expect(body).toBe(results[kind as keyof typeof results].body);
      expect(ran).toEqual(['after route', 'after response']);
    },
  );

  it('that returns an Observable of nothing succeeds, and the 500 of Nest that follows fails', async () => {
    const ran: string[] = [];
    @Controller()
    class EmptyController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.afterRoute.schedule(() => void ran.push('after route'));
        tasks.afterResponse
          .task({ runOn: 'failure' })
          .schedule(() => void ran.push('after response'));
        return EMPTY;
      }
    }
    const { request, tasks } = await createApp(platform, {
      controllers: [EmptyController],
    });

    expect((await request('/')).status).toBe(500);
    await tasks.idle();

    expect(ran).toEqual(['after route', 'after response']);
  });

  it('that fails in an Observable counts as failed', async () => {
    const ran: string[] = [];
    @Controller()
    class FailingController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        const always = { runOn: 'always' } as const;
        tasks.afterRoute.schedule(() => void ran.push('success'));
        tasks.afterRoute.task(always).schedule(() => void ran.push('always'));
        return throwError(() => new Error('no'));
      }
    }
    const { request, tasks } = await createApp(platform, {
      controllers: [FailingController],
    });

    expect((await request('/')).status).toBe(500);
    await tasks.idle();

    expect(ran).toEqual(['always']);
  });

  it.each(['before', 'after'])(
    'that sends the response itself, %s it schedules, releases both phases once and in order',
    async (when) => {
      const ran: string[] = [];
      @Controller()
      class ManualController {
        @Get(':when')
        async handle(
          @Param('when') moment: string,
          @Res() response: AnyResponse,
          @Tasks() tasks: Tasks,
        ) {
          if (moment === 'before') response.send('sent');
          const sent = new Promise((resolve) => setImmediate(resolve));
          if (moment === 'before') await sent;
          tasks.afterResponse.schedule(() => void ran.push('after response'));
          tasks.afterRoute.schedule(() => void ran.push('after route'));
          ran.push('handler');
          if (moment === 'after') response.send('sent');
        }
      }
      const { request, tasks } = await createApp(platform, {
        controllers: [ManualController],
      });

      expect(await (await request(`/${when}`)).text()).toBe('sent');
      await tasks.idle();

      expect(ran).toEqual(['handler', 'after route', 'after response']);
    },
  );

  it('that uses the response in passthrough mode releases both phases once', async () => {
    const ran: string[] = [];
    @Controller()
    class PassthroughController {
      @Get()
      handle(
        @Res({ passthrough: true }) response: AnyResponse,
        @Tasks() tasks: Tasks,
      ) {
        response.header('x-mark', 'set');
        tasks.afterRoute.schedule(() => void ran.push('after route'));
        tasks.afterResponse.schedule(() => void ran.push('after response'));
        return 'value';
      }
    }
    const { request, tasks } = await createApp(platform, {
      controllers: [PassthroughController],
    });

    const response = await request('/');
    expect(response.headers.get('x-mark')).toBe('set');
    expect(await response.text()).toBe('value');
    await tasks.idle();

    expect(ran).toEqual(['after route', 'after response']);
  });
});
