import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import { picture } from '../../test/samples/03-images/pictures.js';
import { deferred } from '../../test/support/deferred.js';
import { platforms } from '../../test/support/platforms.js';
import { ImageRenderer } from './images/image-renderer.js';
import { ImagesRepository } from './images/images.repository.js';
import { TemporaryFiles } from './images/temporary-files.js';
import { ImagesFixture } from './test/images-fixture.js';

const ONE_HOUR_MS = 3_600_000;

describe.each(platforms)('a cancelled image over $name', (platform) => {
  let images: ImagesFixture;
  beforeAll(async () => {
    images = await ImagesFixture.start(platform, {
      RETRY_DELAY_MS: ONE_HOUR_MS,
    });
  }, 30_000);
  beforeEach(() => images.reset());
  afterEach(() => void jest.restoreAllMocks());
  afterAll(() => images.close());

  const expectNothingLeft = async (imageId: string) => {
    await images.tester.settled();
    images.tester.assertScheduled({ name: /^process_/, status: 'cancelled' });
    expect(images.files).toEqual([]);
    expect(images.peers.cdn.files.size).toBe(0);
    expect(await images.rows()).toEqual([]);
    expect(images.analytics).toEqual([]);
    expect((await images.get(imageId)).status).toBe(404);
    expect((await images.cancel(imageId)).status).toBe(404);
  };

  it('on its way to the CDN hangs up, and leaves nothing', async () => {
    const resume = images.peers.cdn.pause();
    const imageId = await images.accepted(await picture());
    await images.peers.cdn.asked(3);

    expect((await images.cancel(imageId)).status).toBe(204);
    await images.peers.cdn.quiet();
    await expectNothingLeft(imageId);
    resume();
  });

  it('that is on the CDN in part is removed from there', async () => {
    images.peers.cdn.behave({ slow: 'original', delayMs: ONE_HOUR_MS });
    const imageId = await images.accepted(await picture());
    await images.peers.cdn.stored(2);

    expect((await images.cancel(imageId)).status).toBe(204);
    await expectNothingLeft(imageId);
  });

  it('that waits for its next attempt leaves nothing', async () => {
    images.peers.cdn.behave({ refuse: -1 });
    const retrying = images.next('retrying');
    const imageId = await images.accepted(await picture());
    await retrying;

    expect((await images.cancel(imageId)).status).toBe(204);
    await expectNothingLeft(imageId);
  });

  it('that is being rendered is never put on the CDN', async () => {
    const begun = deferred();
    const cancelled = deferred();
    const renderer = images.app.get(ImageRenderer);
    const { createThumbnail } = renderer;
    jest
      .spyOn(renderer, 'createThumbnail')
      .mockImplementation(async (rendering, size) => {
        begun.resolve();
        await cancelled.promise;
        await createThumbnail(rendering, size);
      });
    const imageId = await images.accepted(await picture());
    await begun.promise;

    expect((await images.cancel(imageId)).status).toBe(204);
    // It does not end before the rendering.
    expect(await images.state(imageId)).toMatchObject({ status: 'processing' });
    cancelled.resolve();
    await expectNothingLeft(imageId);
    expect(images.peers.cdn.requests).toEqual([]);
  });

  it('whose row is being written is taken back', async () => {
    const begun = deferred();
    let removalsBefore: number | undefined;
    const cancelled = deferred();
    const repository = images.app.get(ImagesRepository);
    const saveReady = repository.saveReady.bind(repository);
    const removed = jest.spyOn(images.app.get(TemporaryFiles), 'remove');
    jest
      .spyOn(repository, 'saveReady')
      .mockImplementation(async (image, urls) => {
        begun.resolve();
        await cancelled.promise;
        await saveReady(image, urls);
        removalsBefore = removed.mock.calls.length;
      });
    const imageId = await images.accepted(await picture());
    await begun.promise;

    expect(images.peers.cdn.files.size).toBe(3);
    expect((await images.cancel(imageId)).status).toBe(204);
    cancelled.resolve();
    await expectNothingLeft(imageId);
    // Not before, or the row would have been written again.
    expect(removalsBefore).toBe(0);
  });

  it('that is ready stays', async () => {
    const imageId = await images.processed(await picture());

    expect((await images.cancel(imageId)).status).toBe(404);
    expect(await images.state(imageId)).toMatchObject({ status: 'ready' });
    expect(images.peers.cdn.files.size).toBe(3);
  });
});
