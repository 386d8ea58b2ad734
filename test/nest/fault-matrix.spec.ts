import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Logger } from '@nestjs/common';
import {
  AppTasks,
  Tasks,
  type TasksModuleOptions,
  type TaskStatus,
} from 'nestjs-tasks';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';
import { boom, faults, type Fault } from './support/faults.js';

afterEach(closeApps);

const PHASES = ['immediate', 'afterRoute', 'afterResponse'] as const;

describe.each(platforms)('over $name', (platform) => {
  describe.each(PHASES)('in phase %s', (phase) => {
    async function siblingsBeside(
      fault: Fault,
      module: TasksModuleOptions = {},
    ) {
      const siblings: string[] = [];
      let statusOf: (() => TaskStatus) | undefined;
      @Controller()
      class FaultController {
        @Get()
        handle(@Tasks() tasks: Tasks) {
          const scheduler = phase === 'immediate' ? tasks : tasks[phase];
          scheduler.schedule(() => void siblings.push('before'));
          const task = scheduler
            .task({ name: 'faulty', ...fault.options })
            .schedule(fault.fn ?? boom);
          statusOf = () => task.status;
          scheduler.schedule(() => void siblings.push('after'));
          return 'value';
        }
      }
      const created = await createApp(platform, {
        controllers: [FaultController],
        tasks: { ...fault.module, ...module },
      });
      const body = await (await created.request('/')).text();
      await created.tasks.idle();
      return { ...created, body, siblings, status: statusOf?.() };
    }

    it.each(Object.keys(faults))(
      '%s affects neither the response nor another task',
      async (kind) => {
        const fault = faults[kind]!;

        const { body, siblings, status, log, tasks } =
          await siblingsBeside(fault);

        expect({ body, siblings, status }).toEqual({
          body: 'value',
          siblings: ['before', 'after'],
          status: fault.status ?? 'failed',
        });
        const { logged = 1 } = fault;
        // An observer is called for the sibling tasks too.
        const factor = fault.module?.observers ? 3 : 1;
        expect(log.messages('error')).toHaveLength(logged * factor);
        expect(tasks.stats).toMatchObject({ scheduled: 0, running: 0 });
      },
    );

    it('an observer that cancels, schedules and fails at every event ends with every task settled', async () => {
      let appTasks: AppTasks | undefined;
      let depth = 0;
      const { body, app, tasks } = await siblingsBeside(
        { options: { retries: 1, backoff: () => 0 } },
        {
          observers: [
            (event) => {
              if (event.type === 'started') event.task.cancel();
              if (depth++ < 20) appTasks?.schedule(boom);
              throw new Error(event.type);
            },
          ],
        },
      );
      appTasks = app.get(AppTasks);
      app.get(AppTasks).schedule(boom);
      await tasks.idle();

      expect(body).toBe('value');
      const { scheduled, running, cancelled, failed } = tasks.stats;
      expect({ scheduled, running, failed }).toEqual({
        scheduled: 0,
        running: 0,
        failed: 0,
      });
      expect(cancelled).toBeGreaterThan(3);
    });

    it('a logger that throws is contained', async () => {
      const ran: string[] = [];
      @Controller()
      class LoggedController {
        @Get()
        handle(@Tasks() tasks: Tasks) {
          const scheduler = phase === 'immediate' ? tasks : tasks[phase];
          scheduler
            .task({ onError: () => void ran.push('told') })
            .schedule(boom);
          scheduler.schedule(() => void ran.push('sibling'));
          return 'value';
        }
      }
      const { request, tester } = await createApp(platform, {
        controllers: [LoggedController],
        configure: () => {
          const logger = { log() {}, warn: boom, error: boom, fatal: boom };
          Logger.overrideLogger(logger);
        },
      });

      expect(await (await request('/')).text()).toBe('value');
      await tester.settled();

      expect(ran.sort()).toEqual(['sibling', 'told']);
      Logger.overrideLogger(false);
    });
  });
});
