import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { Tasks } from 'nestjs-tasks';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

describe.each(platforms)(
  'the waitUntil of the module over $name',
  (platform) => {
    /** A platform that freezes the process unless it has a promise to wait for. */
    class FakePlatform {
      readonly given: Promise<unknown>[] = [];
      readonly waitUntil = (promise: Promise<unknown>) => {
        this.given.push(promise);
      };

      /** Whether the process would be frozen now. */
      async isFree(): Promise<boolean> {
        const pending = Symbol('pending');
        await turn();
        const first = await Promise.race([
          Promise.all(this.given),
          turn().then(() => pending),
        ]);
        return first !== pending;
      }
    }

    it('is called once per request, with a promise of all its work, handlers included', async () => {
      const fake = new FakePlatform();
      const task = deferred();
      const handler = deferred();
      const ran: string[] = [];
      @Controller()
      class ServerlessController {
        @Get()
        async handle(@Tasks() tasks: Tasks) {
          tasks.schedule(() => void ran.push('immediate'));
          await turn();
          await turn();
          tasks.afterResponse
            .task({ onError: () => handler.promise })
            .schedule(() => task.promise);
        }

        @Get('without')
        without(@Tasks() _tasks: Tasks) {}
      }
      const { request, tester } = await createApp(platform, {
        controllers: [ServerlessController],
        tasks: { waitUntil: fake.waitUntil },
      });

      await request('/without');
      expect(fake.given).toHaveLength(0);
      await request('/');

      expect(fake.given).toHaveLength(1);
      expect(ran).toEqual(['immediate']);
      expect(await fake.isFree()).toBe(false);
      task.reject(new Error('no'));
      expect(await fake.isFree()).toBe(false);
      handler.reject(new Error('no either'));
      await Promise.all(fake.given);
      await request('/');
      expect(fake.given).toHaveLength(2);
      await tester.settled();
    });

    it('is called for work outside requests each time that it begins', async () => {
      const fake = new FakePlatform();
      const { tasks } = await createApp(platform, {
        tasks: { waitUntil: fake.waitUntil },
      });

      await tasks.schedule(() => 1).settled();
      await Promise.all(fake.given);
      const gate = deferred();
      tasks.schedule(() => gate.promise);

      expect(fake.given).toHaveLength(2);
      expect(await fake.isFree()).toBe(false);
      gate.resolve();
      await Promise.all(fake.given);
    });

    it('is contained when it throws', async () => {
      const { tasks, log } = await createApp(platform, {
        tasks: {
          waitUntil: () => {
            throw new Error('no context');
          },
        },
      });

      const task = tasks.schedule(() => 'value');

      expect(await task.settled()).toMatchObject({ value: 'value' });
      expect(log.messages('error')).toEqual([
        expect.stringMatching(/`waitUntil` .*no context/),
      ]);
    });
  },
);
