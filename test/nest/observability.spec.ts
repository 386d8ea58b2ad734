import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ConflictException, Controller, Get } from '@nestjs/common';
import { Tasks, type TaskEvent } from 'nestjs-tasks';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

const TYPES: readonly TaskEvent['type'][] = [
  'scheduled',
  'started',
  'retrying',
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
  'dropped',
];

@Controller()
class EveryEndController {
  @Get()
  handle(@Tasks() tasks: Tasks) {
    tasks.task({ name: 'succeeds' }).schedule(() => {});
    tasks.task({ name: 'fails', retries: 1, backoff: () => 0 }).schedule(() => {
      throw new Error('no');
    });
    tasks.afterRoute.task({ name: 'is skipped' }).schedule(() => {});
    tasks.afterRoute.task({ name: 'is cancelled' }).schedule(() => {});
    tasks.afterRoute.cancel('is cancelled');
    throw new ConflictException();
  }
}

const STORY = [
  'scheduled: succeeds',
  'scheduled: fails',
  'scheduled: is skipped',
  'scheduled: is cancelled',
  'cancelled: is cancelled',
  'started: succeeds',
  'succeeded: succeeds',
  'started: fails',
  'retrying: fails',
  'skipped: is skipped',
  'started: fails',
  'failed: fails',
];

describe.each(platforms)('over $name', (platform) => {
  it('observers receive every event, and each end once', async () => {
    const story: string[] = [];
    const { request, tester } = await createApp(platform, {
      controllers: [EveryEndController],
      tasks: {
        observers: [
          ({ type, task }) => void story.push(`${type}: ${task.name}`),
        ],
      },
    });

    await request('/');
    await tester.settled();

    expect(story.sort()).toEqual(STORY.toSorted());
  });

  it('diagnostics channels carry the same events', async () => {
    const story: string[] = [];
    const listen = (message: unknown, channel: string | symbol) => {
      const { type, task } = message as TaskEvent;
      expect(channel).toBe(`nestjs-tasks:${type}`);
      story.push(`${type}: ${task.name}`);
    };
    for (const type of TYPES) subscribe(`nestjs-tasks:${type}`, listen);
    const { request, tester } = await createApp(platform, {
      controllers: [EveryEndController],
    });

    await request('/');
    await tester.settled();
    for (const type of TYPES) unsubscribe(`nestjs-tasks:${type}`, listen);
    await request('/');
    await tester.settled();

    expect(story.sort()).toEqual(STORY.toSorted());
  });

  it('events show why a task ended', async () => {
    const reasons: Record<string, unknown> = {};
    const { request, tester } = await createApp(platform, {
      controllers: [EveryEndController],
      tasks: {
        observers: [
          (event) => {
            if ('error' in event) reasons[event.type] = event.error.message;
            if ('reason' in event) reasons[event.type] = event.reason;
          },
        ],
      },
    });

    await request('/');
    await tester.settled();

    expect(reasons).toEqual({
      retrying: 'no',
      failed: 'no',
      cancelled: expect.objectContaining({ code: 'TASK_CANCELLED' }),
      skipped: expect.stringContaining("runOn is 'success'"),
    });
  });
});
