import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  Header,
  Req,
  Res,
  StreamableFile,
} from '@nestjs/common';
import { Tasks } from 'nestjs-tasks';
import type { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';
import { platforms } from '../support/platforms.js';
import { RawClient } from '../support/raw-client.js';
import type { AnyResponse } from './http/response-case.js';

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
    const { request, tester } = await createApp(platform, {
      controllers: [OrderController],
    });

    const response = await request('/');

    expect(await response.json()).toEqual({ the: 'value' });
    await tester.settled();
    expect(order).toEqual([
      'handler',
      'immediate',
      'after route',
      'after response',
    ]);
  });

  it('start immediate tasks beside an async handler, in the next microtask', async () => {
    const order: string[] = [];
    @Controller()
    class BesideController {
      @Get()
      async handle(@Tasks() tasks: Tasks) {
        tasks.schedule(() => void order.push('task'));
        order.push('scheduled');
        await Promise.resolve();
        await Promise.resolve();
        order.push('handler goes on');
      }
    }
    const { request } = await createApp(platform, {
      controllers: [BesideController],
    });

    await request('/');

    expect(order).toEqual(['scheduled', 'task', 'handler goes on']);
  });

  it('start the tasks of a phase in the order of scheduling, all at once', async () => {
    const started: number[] = [];
    const gate = deferred();
    @Controller()
    class ManyController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        for (const number of [1, 2, 3, 4]) {
          tasks.afterRoute.schedule(async () => {
            started.push(number);
            if (started.length === 4) gate.resolve();
            await gate.promise;
          });
        }
      }
    }
    const { request } = await createApp(platform, {
      controllers: [ManyController],
    });

    const response = await request('/');

    expect(response.status).toBe(200);
    expect(started).toEqual([1, 2, 3, 4]);
  });

  it('hold the response until the after-route tasks have settled', async () => {
    const gate = deferred();
    const started = deferred();
    let isAnswered = false;
    @Controller()
    class SlowController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.afterRoute.schedule(() => {
          started.resolve();
          return gate.promise;
        });
        return 'done';
      }
    }
    const { request } = await createApp(platform, {
      controllers: [SlowController],
    });

    const response = request('/').then((answer) => {
      isAnswered = true;
      return answer.text();
    });
    await started.promise;
    await turn();
    expect(isAnswered).toBe(false);
    gate.resolve();

    expect(await response).toBe('done');
  });

  it('keep a task that an after-route task schedules after the route within the same drain', async () => {
    const order: string[] = [];
    @Controller()
    class NestedController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.afterRoute.schedule(async () => {
          await turn();
          tasks.afterRoute.schedule(async () => {
            await turn();
            order.push('nested');
          });
        });
        return 'done';
      }
    }
    const { request, log } = await createApp(platform, {
      controllers: [NestedController],
    });

    await request('/').then(() => order.push('response'));

    expect(order).toEqual(['nested', 'response']);
    expect(log.lines).toEqual([]);
  });

  it('run after-response tasks that any task schedules, even when the response has been sent', async () => {
    const ran: string[] = [];
    @Controller()
    class AnyController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        const schedule = (from: string) =>
          tasks.afterResponse.schedule(() => void ran.push(from));
        tasks.schedule(schedule, 'immediate');
        tasks.afterRoute.schedule(schedule, 'after route');
        tasks.afterResponse.schedule(schedule, 'after response');
      }
    }
    const { request, tester } = await createApp(platform, {
      controllers: [AnyController],
    });

    await request('/');
    await tester.settled();

    expect(ran.sort()).toEqual(['after response', 'after route', 'immediate']);
  });

  it('start an after-route task that is scheduled after the drain at once, and warn once', async () => {
    const ran: string[] = [];
    @Controller()
    class LateController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.afterResponse.schedule(() => {
          tasks.afterRoute.schedule(() => void ran.push('first'));
          tasks.afterRoute.schedule(() => void ran.push('second'));
          ran.push('never inside schedule()');
        });
      }
    }
    const { request, tester, log } = await createApp(platform, {
      controllers: [LateController],
    });

    await request('/');
    await tester.settled();

    expect(ran).toEqual(['never inside schedule()', 'first', 'second']);
    expect(log.messages('warn')).toEqual([
      expect.stringMatching(
        /after-route task ".+" .* when the route was already done/,
      ),
    ]);
  });

  it('start after-response tasks when the client has the whole body', async () => {
    const started = deferred();
    const received = deferred();
    @Controller()
    class BodyController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.afterResponse.schedule(() => {
          started.resolve();
          return received.promise;
        });
        return 'x'.repeat(100_000);
      }
    }
    const { url, tester } = await createApp(platform, {
      controllers: [BodyController],
    });
    const client = await RawClient.connect(url);

    client.get('/');
    await started.promise;
    // The task waits until the client has the body, which it gets while the task runs.
    const { body } = await client.response();
    received.resolve();

    expect(body).toHaveLength(100_000);
    await tester.settled();
    client.close();
  });

  it('answer the next request of a connection while a slow task runs', async () => {
    const gate = deferred();
    @Controller()
    class KeepAliveController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.afterResponse.schedule(() => gate.promise);
        return 'done';
      }
    }
    const { url, tasks, tester } = await createApp(platform, {
      controllers: [KeepAliveController],
    });
    const client = await RawClient.connect(url);

    client.get('/');
    expect((await client.response()).body).toBe('done');
    client.get('/');
    expect((await client.response()).body).toBe('done');
    expect(tasks.stats.running).toBe(2);

    gate.resolve();
    await tester.settled();
    client.close();
  });

  it('come before the first byte and after the last byte of a streamed file', async () => {
    const order: string[] = [];
    @Controller()
    class FileController {
      @Get()
      @Header('content-type', 'text/plain')
      handle(@Tasks() tasks: Tasks) {
        tasks.afterRoute.schedule(async () => {
          await turn();
          order.push('after route');
        });
        const { afterResponse } = tasks;
        afterResponse.schedule(() => void order.push('after response'));
        return new StreamableFile(
          Readable.from(
            (function* () {
              order.push('first byte');
              yield Buffer.from('a');
              yield Buffer.from('b');
              order.push('last byte');
            })(),
          ),
        );
      }
    }
    const { request, tester } = await createApp(platform, {
      controllers: [FileController],
    });

    expect(await (await request('/')).text()).toBe('ab');
    await tester.settled();

    expect(order).toEqual([
      'after route',
      'first byte',
      'last byte',
      'after response',
    ]);
  });

  it('send the response after the after-route timeout, with one warning', async () => {
    const gate = deferred();
    @Controller()
    class TooSlowController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.afterRoute
          .task({ name: 'too slow' })
          .schedule(() => gate.promise);
        return 'done';
      }
    }
    const { request, tasks, tester, log } = await createApp(platform, {
      controllers: [TooSlowController],
      tasks: { afterRoute: { timeout: 5 } },
    });

    expect(await (await request('/')).text()).toBe('done');

    expect(tasks.stats.running).toBe(1);
    expect(log.messages('warn')).toEqual([
      expect.stringContaining('"too slow"'),
    ]);
    gate.resolve();
    await tester.settled();
    expect(tasks.stats.succeeded).toBe(1);
  });

  it('do not hold the response when after-route tasks are not awaited', async () => {
    const gate = deferred();
    @Controller()
    class NotAwaitedController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.afterRoute.schedule(() => gate.promise);
        return 'done';
      }
    }
    const { request, tester, log } = await createApp(platform, {
      controllers: [NotAwaitedController],
      tasks: { afterRoute: { await: false } },
    });

    expect(await (await request('/')).text()).toBe('done');

    gate.resolve();
    await tester.settled();
    expect(log.lines).toEqual([]);
  });

  it.each([
    { how: 'succeeds', required: true, fails: false, verdict: 'success' },
    { how: 'fails', required: true, fails: true, verdict: 'failure' },
    { how: 'fails', required: false, fails: true, verdict: 'success' },
  ] as const)(
    'of after response waits for a drain that the client does not wait for: a task (required: $required) that $how',
    async ({ required, fails, verdict }) => {
      const draining = deferred();
      const gone = deferred();
      const gate = deferred();
      const order: string[] = [];
      @Controller()
      class LeftController {
        @Get()
        handle(
          @Tasks() tasks: Tasks,
          @Req() { socket }: { socket: EventEmitter },
        ) {
          socket.once('close', () => setImmediate(gone.resolve));
          for (const runOn of ['success', 'failure'] as const) {
            tasks.afterResponse
              .task({ runOn })
              .schedule(() => void order.push(runOn));
          }
          tasks.afterRoute.task({ required }).schedule(async () => {
            draining.resolve();
            await gate.promise;
            order.push('drained');
            if (fails) throw new Error('not done');
          });
          return 'value';
        }
      }
      const { url, tester } = await createApp(platform, {
        controllers: [LeftController],
      });
      const client = await RawClient.connect(url);
      client.get('/');
      await draining.promise;
      client.hangUp();
      await gone.promise;
      await turn();
      gate.resolve();
      await tester.settled();

      expect(order).toEqual(['drained', verdict]);
    },
  );

  it('of after response waits for the drain of a route that has sent its response itself', async () => {
    const sent = deferred();
    const order: string[] = [];
    @Controller()
    class SendingController {
      @Get()
      handle(@Tasks() tasks: Tasks, @Res() response: AnyResponse) {
        tasks.afterRoute.task({ required: true }).schedule(async () => {
          await sent.promise;
          await turn();
          order.push('drained');
          throw new Error('not done');
        });
        for (const runOn of ['success', 'failure'] as const) {
          tasks.afterResponse
            .task({ runOn })
            .schedule(() => void order.push(runOn));
        }
        response.send('value');
      }
    }
    const { request, tester } = await createApp(platform, {
      controllers: [SendingController],
    });
    expect((await request('/')).status).toBe(200);
    sent.resolve();
    await tester.settled();

    expect(order).toEqual(['drained', 'failure']);
  });
});
