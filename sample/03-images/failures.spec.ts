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
import { platforms } from '../../test/support/platforms.js';
import { ImageRenderer } from './images/image-renderer.js';
import { ImagesRepository } from './images/images.repository.js';
import { ImagesFixture } from './test/images-fixture.js';

const ONE_HOUR_MS = 3_600_000;
const TASK = 'process_image_7_photo.jpg';

describe.each(platforms)('an image that fails over $name', (platform) => {
  let images: ImagesFixture;
  beforeAll(async () => {
    images = await ImagesFixture.start(platform);
  }, 30_000);
  beforeEach(() => images.reset());
  afterEach(() => void jest.restoreAllMocks());
  afterAll(() => images.close());

  /** Only a row with the error is left of it. */
  const expectFailure = async (imageId: string, error: RegExp) => {
    images.tester.assertScheduled({ name: TASK, status: 'failed' });
    expect(await images.rows()).toEqual([
      {
        id: imageId,
        userId: 7,
        status: 'failed',
        filename: 'photo.jpg',
        error: expect.stringMatching(error),
        urls: [null, null, null],
      },
    ]);
    expect(await images.state(imageId)).toMatchObject({ status: 'failed' });
    expect(images.peers.cdn.files.size).toBe(0);
    expect(images.analytics).toEqual([]);
    expect(images.files).toEqual([]);
    expect((await images.cancel(imageId)).status).toBe(404);
  };

  it('at the CDN twice is there after the third attempt, and rendered once', async () => {
    const rendered = jest.spyOn(images.app.get(ImageRenderer), 'optimizeImage');
    // One of three uploads of the first attempt, and one of the second.
    images.peers.cdn.behave({ refuse: 2, only: 'original' });
    const imageId = await images.processed(await picture());

    expect(images.eventsOf(TASK)).toEqual([
      'scheduled',
      'started',
      'retrying',
      'started',
      'retrying',
      'started',
      'succeeded',
    ]);
    expect(rendered).toHaveBeenCalledTimes(1);
    expect(await images.state(imageId)).toMatchObject({ status: 'ready' });
    expect(Object.keys(await images.onCdn())).toHaveLength(3);
    expect(images.analytics).toHaveLength(1);
    expect(images.files).toEqual([]);
  });

  it('at the CDN for good is given up after three attempts', async () => {
    images.peers.cdn.behave({ refuse: -1 });
    const imageId = await images.processed(await picture());

    await expectFailure(imageId, /The CDN answered 503 to PUT/);
    expect(images.tester.assertScheduled({ name: TASK }).attempt).toBe(3);
  });

  it('with one of its versions is removed with the others', async () => {
    images.peers.cdn.behave({ refuse: -1, only: 'original' });
    const { cdn } = images.peers;
    const imageId = await images.processed(await picture());

    await expectFailure(imageId, /The CDN answered 503 to PUT .*original/);
    const removed = cdn.requests.filter((line) => line.startsWith('DELETE'));
    expect(removed.sort()).toEqual([
      `DELETE images/7/optimized/${imageId}.jpeg`,
      `DELETE images/7/original/${imageId}.jpeg`,
      `DELETE images/7/thumb/${imageId}.jpeg`,
    ]);
  });

  it('with one of its versions gives the others up', async () => {
    images.peers.cdn.behave({
      refuse: -1,
      only: 'thumb',
      slow: 'original',
      delayMs: ONE_HOUR_MS,
    });
    const imageId = await images.processed(await picture());

    await images.peers.cdn.quiet();
    await expectFailure(imageId, /The CDN answered 503 to PUT .*thumb/);
  });

  it('because the CDN knows better is not tried again', async () => {
    images.peers.cdn.behave({ refuse: -1, status: 403 });
    const imageId = await images.processed(await picture());

    await expectFailure(imageId, /The CDN answered 403/);
    expect(images.tester.assertScheduled({ name: TASK }).attempt).toBe(1);
  });

  it('when the CDN hangs up is tried again', async () => {
    images.peers.cdn.behave({ refuse: 1, status: 0 });
    const imageId = await images.processed(await picture());

    expect(await images.state(imageId)).toMatchObject({ status: 'ready' });
    expect(images.tester.assertScheduled({ name: TASK }).attempt).toBe(2);
  });

  it('in the database is taken back from the CDN', async () => {
    const repository = images.app.get(ImagesRepository);
    jest
      .spyOn(repository, 'saveReady')
      .mockRejectedValueOnce(new Error('The disk of the database is full'));
    const imageId = await images.processed(await picture());

    await expectFailure(imageId, /The disk of the database is full/);
    expect(images.tester.assertScheduled({ name: TASK }).attempt).toBe(1);
  });

  it('in a database that is gone is taken back all the same', async () => {
    const repository = images.app.get(ImagesRepository);
    for (const method of ['saveReady', 'saveFailed', 'remove'] as const) {
      const gone = new Error('The database is gone');
      jest.spyOn(repository, method).mockRejectedValue(gone);
    }
    const imageId = await images.processed(await picture());

    images.tester.assertScheduled({ name: TASK, status: 'failed' });
    expect(images.peers.cdn.files.size).toBe(0);
    expect(images.files).toEqual([]);
    expect((await images.get(imageId)).status).toBe(404);
  });

  it('to be decoded in the middle is not tried again, and never on the CDN', async () => {
    const bytes = await picture();
    const imageId = await images.processed(bytes.subarray(0, bytes.length / 2));

    await expectFailure(imageId, /premature end/);
    expect(images.tester.assertScheduled({ name: TASK }).attempt).toBe(1);
    expect(images.peers.cdn.requests).toEqual([]);
  });
});
