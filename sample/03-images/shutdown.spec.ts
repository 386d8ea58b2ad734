import { once } from 'node:events';
import type { Server } from 'node:http';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { currentTask } from 'nestjs-tasks';
import { entriesOf, whenUsed } from '../../test/samples/03-images/folder.js';
import { picture } from '../../test/samples/03-images/pictures.js';
import { deferred } from '../../test/support/deferred.js';
import { turn } from '../../test/support/manual-clock.js';
import { platforms } from '../../test/support/platforms.js';
import type { Environment } from './environment.js';
import { ImageRenderer } from './images/image-renderer.js';
import { ImagesFixture } from './test/images-fixture.js';
import { UploadClient } from './test/upload-client.js';

const TASK = 'process_image_7_photo.jpg';
const ONE_HOUR_MS = 3_600_000;

// Each test starts its own application.
jest.setTimeout(60_000);

describe.each(platforms)('a shutdown over $name', (platform) => {
  let images: ImagesFixture;
  afterEach(async () => {
    jest.restoreAllMocks();
    await images.close();
  });

  const start = async (variables: Partial<Environment> = {}) => {
    images = await ImagesFixture.start(platform, variables);
  };

  /** The processing was dropped and leaves nothing behind. */
  const expectNothingLeft = () => {
    images.tester.assertScheduled({ name: TASK, status: 'dropped' });
    images.tester.assertScheduled({ name: /^tidy_up_/, status: 'succeeded' });
    images.tester.assertNothingFailed();
    expect(entriesOf(images.tempFolder)).toEqual([]);
    expect(images.peers.cdn.files.size).toBe(0);
    expect(images.analytics).toEqual([]);
  };

  it('hangs up on a CDN that does not answer', async () => {
    await start();
    const resume = images.peers.cdn.pause();
    await images.accepted(await picture());
    await images.peers.cdn.asked(3);
    await images.app.close();

    expectNothingLeft();
    resume();
  });

  it('takes back what is on the CDN, and writes no row', async () => {
    await start();
    images.peers.cdn.behave({ slow: 'original', delayMs: ONE_HOUR_MS });
    await images.accepted(await picture());
    await images.peers.cdn.stored(2);
    await images.app.close();

    expectNothingLeft();
    expect(await images.rowsLeft('SELECT id FROM images')).toEqual([]);
  });

  it('waits for a rendering in the process, which cannot be broken off', async () => {
    await start();
    const renderer = images.app.get(ImageRenderer);
    const { createThumbnail } = renderer;
    const begun = deferred();
    jest
      .spyOn(renderer, 'createThumbnail')
      .mockImplementation(async (rendering, size) => {
        begun.resolve();
        await once(currentTask().signal, 'abort');
        await createThumbnail(rendering, size);
      });
    await images.accepted(await picture());
    await begun.promise;
    await images.app.close();

    expectNothingLeft();
    expect(images.peers.cdn.requests).toEqual([]);
  });

  it('breaks a rendering in a worker thread off', async () => {
    await start({ RENDER_IN: 'threads' });
    const begun = images.rendering();
    await images.accepted(await picture({ width: 1_200, height: 900 }));
    await begun;
    await images.app.close();

    expectNothingLeft();
    expect(images.peers.cdn.requests).toEqual([]);
  });

  it('drops an image that waits for its next attempt', async () => {
    await start({ RETRY_DELAY_MS: ONE_HOUR_MS });
    images.peers.cdn.behave({ refuse: -1 });
    const retrying = images.next('retrying');
    await images.accepted(await picture());
    await retrying;
    await images.app.close();

    expectNothingLeft();
  });

  it('removes an upload that breaks off meanwhile', async () => {
    await start();
    const client = await UploadClient.begin(images.url, await picture());
    await whenUsed(images.uploadFolder);
    const closed = images.app.close();
    client.hangUp();
    await closed;

    images.tester.assertNotScheduled();
    expect(entriesOf(images.tempFolder)).toEqual([]);
  });

  it('refuses an upload that ends meanwhile with 503', async () => {
    await start();
    const client = await UploadClient.begin(images.url, await picture());
    await whenUsed(images.uploadFolder);
    const closed = images.app.close();
    const server = images.app.getHttpServer() as Server;
    while (server.listening) await turn();
    client.finish();

    expect(await client.status()).toBe(503);
    client.close();
    await closed;
    images.tester.assertScheduled({ name: TASK, status: 'dropped' });
    expect(images.peers.cdn.requests).toEqual([]);
    expect(entriesOf(images.tempFolder)).toEqual([]);
  });

  it('leaves an image alone that is ready', async () => {
    await start();
    const imageId = await images.processed(await picture());
    await images.app.close();

    expect(images.peers.cdn.files.size).toBe(3);
    expect(entriesOf(images.tempFolder)).toEqual([]);
    expect(await images.rowsLeft('SELECT id FROM images')).toEqual([
      { id: imageId },
    ]);
  });
});
