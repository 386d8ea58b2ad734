import { afterEach, describe, expect, it } from '@jest/globals';
import {
  BadRequestException,
  ConflictException,
  Controller,
  Get,
  Param,
} from '@nestjs/common';
import { Tasks } from 'nestjs-tasks';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

/** `http/responses.spec.ts` tests how responses of every kind are judged. */
describe.each(platforms)('the outcome of a route over $name', (platform) => {
  it('does not matter when a pipe keeps the handler from scheduling', async () => {
    @Controller()
    class PipedController {
      @Get(':n')
      handle(
        @Tasks() tasks: Tasks,
        @Param('n', {
          transform: () => {
            throw new BadRequestException();
          },
        })
        _n: number,
      ) {
        tasks.afterResponse.task({ runOn: 'always' }).schedule(() => {});
      }
    }
    const { request, tasks, tester } = await createApp(platform, {
      controllers: [PipedController],
    });

    expect((await request('/1')).status).toBe(400);
    await tester.settled();

    expect(tasks.stats.succeeded).toBe(0);
  });

  it('does not affect immediate tasks when the handler throws', async () => {
    const ran: string[] = [];
    @Controller()
    class ThrowingController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.schedule(() => void ran.push('immediate'));
        throw new ConflictException();
      }
    }
    const { request, tester } = await createApp(platform, {
      controllers: [ThrowingController],
    });

    await request('/');
    await tester.settled();

    expect(ran).toEqual(['immediate']);
  });

  it('fails with the error of a required task', async () => {
    const ran: string[] = [];
    @Controller()
    class RequiredController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.afterRoute.task({ required: true }).schedule(async () => {
          throw new ConflictException('taken');
        });
        const note = (what: string) => void ran.push(what);
        tasks.afterResponse
          .task({ runOn: 'failure' })
          .schedule(note, 'failure');
        tasks.afterResponse.schedule(note, 'success');
        return 'value';
      }
    }
    const { request, tester } = await createApp(platform, {
      controllers: [RequiredController],
    });

    const response = await request('/');
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ message: 'taken' });
    await tester.settled();

    expect(ran).toEqual(['failure']);
  });

  it('fails with the error of the handler when a required task failed too', async () => {
    @Controller()
    class BothController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.afterRoute
          .task({ required: true, runOn: 'always' })
          .schedule(async () => {
            throw new ConflictException();
          });
        throw new BadRequestException();
      }
    }
    const { request } = await createApp(platform, {
      controllers: [BothController],
    });

    expect((await request('/')).status).toBe(400);
  });
});
