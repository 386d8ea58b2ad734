import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Get, Query } from '@nestjs/common';
import { Tasks, type Task } from 'nestjs-tasks';
import { inThread } from 'nestjs-tasks/threads';
import sharp from 'sharp';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';
import type * as image from './modules/image.js';
import { createTasks } from './support/create-tasks.js';

// Threads and processes are slow to start on a machine that has much to do.
jest.setTimeout(60_000);

const url = new URL('./modules/image.js', import.meta.url);
const createImage = inThread<typeof image.createImage>(url, 'createImage');
const createThumbnail = inThread<typeof image.createThumbnail>(
  url,
  'createThumbnail',
);

afterEach(closeApps);

describe('images', () => {
  it.each(platforms)(
    'are made on threads by a native library, over $name',
    async (platform) => {
      let task: Task | undefined;
      @Controller()
      class ImageController {
        @Get()
        async upload(@Tasks() tasks: Tasks, @Query('width') width: string) {
          const picture = await createImage(400, 200);
          task = tasks.afterResponse.schedule(
            createThumbnail,
            picture,
            Number(width),
          );
          return picture.length;
        }
      }
      const { request } = await createApp(platform, {
        controllers: [ImageController],
      });
      await request('/?width=100');
      const outcome = await task?.settled();

      expect(outcome).toMatchObject({ status: 'succeeded' });
      const { value } = outcome as { value: Buffer };
      expect(Buffer.isBuffer(value)).toBe(true);
      expect(await sharp(value).metadata()).toMatchObject({
        format: 'jpeg',
        width: 100,
        height: 50,
      });
    },
  );

  it('that are cancelled while a native library works take nothing else with them', async () => {
    const { tasks } = await createTasks({ threads: { max: 2 } });
    const picture = await createImage(200, 100);
    for (let round = 0; round < 3; round += 1) {
      const large = tasks.schedule(createImage, 4_000, 4_000);
      await large.started();
      const small = tasks.schedule(createThumbnail, picture, 20);
      large.cancel();
      expect(await small.settled()).toMatchObject({ status: 'succeeded' });
      expect(large.status).toBe('cancelled');
    }
  });
});
