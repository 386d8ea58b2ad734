import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from '@jest/globals';
import { decoded, picture } from '../../test/samples/03-images/pictures.js';
import { platforms } from '../../test/support/platforms.js';
import type { ImageFormat } from './images/render-image.js';
import { ImagesFixture } from './test/images-fixture.js';

const upright = { orientation: undefined, hasExif: false };

describe.each(platforms)('an image over $name', (platform) => {
  let images: ImagesFixture;
  beforeAll(async () => {
    images = await ImagesFixture.start(platform);
  }, 30_000);
  beforeEach(() => images.reset());
  afterAll(() => images.close());

  const urlsOf = (imageId: string, format: ImageFormat) =>
    ['original', 'optimized', 'thumb'].map(
      (version) =>
        `${images.peers.cdn.url}/images/7/${version}/${imageId}.${format}`,
    );

  it('is answered with 202 while it is processed', async () => {
    const resume = images.peers.cdn.pause();
    const response = await images.upload(await picture());
    const answer = (await response.json()) as { imageId: string };
    const { imageId } = answer;

    expect(response.status).toBe(202);
    expect(answer).toEqual({
      imageId: expect.any(String),
      status: 'processing',
      message: 'Image uploaded successfully and is being processed',
    });
    expect(await images.state(imageId)).toEqual({
      imageId,
      status: 'processing',
    });
    resume();
    await images.tester.settled();
    expect(await images.state(imageId)).toMatchObject({ status: 'ready' });
  });

  it('is put on the CDN in three versions, written down and counted, and leaves no file', async () => {
    const bytes = await picture({ width: 450, height: 300 });
    const imageId = await images.processed(bytes);

    const { cdn } = images.peers;
    expect(await images.onCdn()).toEqual({
      [`images/7/original/${imageId}.jpeg`]: {
        ...upright,
        format: 'jpeg',
        width: 450,
        height: 300,
        channels: 3,
      },
      [`images/7/optimized/${imageId}.jpeg`]: {
        ...upright,
        format: 'jpeg',
        width: 450,
        height: 300,
        channels: 3,
      },
      [`images/7/thumb/${imageId}.jpeg`]: {
        ...upright,
        format: 'jpeg',
        width: 300,
        height: 200,
        channels: 3,
      },
    });
    expect(cdn.files.get(`images/7/original/${imageId}.jpeg`)?.bytes).toEqual(
      bytes,
    );
    for (const { authorization, type } of cdn.files.values()) {
      expect(authorization).toBe('Bearer cdn-key');
      expect(type).toBe('image/jpeg');
    }
    expect(cdn.requests).toHaveLength(3);
    expect(await images.rows()).toEqual([
      {
        id: imageId,
        userId: 7,
        status: 'ready',
        filename: 'photo.jpg',
        error: null,
        urls: urlsOf(imageId, 'jpeg'),
      },
    ]);
    expect(images.analytics).toEqual([
      {
        event: 'image_uploaded',
        user_id: 7,
        timestamp: expect.any(String),
        properties: { image_id: imageId },
      },
    ]);
    expect(images.files).toEqual([]);
  });

  it('is served by the CDN at the addresses that are written down', async () => {
    const imageId = await images.processed(await picture());
    const state = (await images.state(imageId)) as { thumbnailUrl: string };

    expect(state).toEqual({
      imageId,
      userId: 7,
      status: 'ready',
      originalUrl: expect.any(String),
      optimizedUrl: expect.any(String),
      thumbnailUrl: expect.any(String),
      metadata: { filename: 'photo.jpg', uploadDate: expect.any(String) },
    });
    const served = await fetch(state.thumbnailUrl);
    const bytes = Buffer.from(await served.arrayBuffer());
    expect(await decoded(bytes)).toMatchObject({ width: 300 });
  });

  it('goes to the CDN in three uploads at once', async () => {
    const resume = images.peers.cdn.pause();
    await images.accepted(await picture());
    await images.peers.cdn.asked(3);

    expect(images.peers.cdn.files.size).toBe(0);
    resume();
    await images.tester.settled();
    expect(images.peers.cdn.files.size).toBe(3);
  });

  it.each<{
    format: ImageFormat;
    width: number;
    height: number;
    thumb: [width: number, height: number];
  }>([
    { format: 'png', width: 320, height: 640, thumb: [150, 300] },
    { format: 'webp', width: 301, height: 301, thumb: [300, 300] },
    { format: 'jpeg', width: 40, height: 30, thumb: [40, 30] },
    { format: 'png', width: 6_000, height: 1, thumb: [300, 1] },
  ])(
    'of $format with $width × $height pixels gets a thumbnail of $thumb',
    async ({ format, width, height, thumb }) => {
      const imageId = await images.processed(
        await picture({ format, width, height }),
        { name: `picture.${format}` },
      );

      expect(await images.onCdn()).toMatchObject({
        [`images/7/original/${imageId}.${format}`]: { format, width, height },
        [`images/7/optimized/${imageId}.${format}`]: { format, width, height },
        [`images/7/thumb/${imageId}.${format}`]: {
          format,
          width: thumb[0],
          height: thumb[1],
        },
      });
    },
  );

  it('that a camera took sideways is turned, and loses the place it was taken at', async () => {
    const imageId = await images.processed(
      await picture({ width: 600, height: 400, orientation: 6 }),
    );

    expect(await images.onCdn()).toMatchObject({
      [`images/7/original/${imageId}.jpeg`]: { orientation: 6, hasExif: true },
      [`images/7/optimized/${imageId}.jpeg`]: {
        ...upright,
        width: 400,
        height: 600,
      },
      [`images/7/thumb/${imageId}.jpeg`]: {
        ...upright,
        width: 200,
        height: 300,
      },
    });
  });

  it('goes by its bytes, not by its name', async () => {
    const imageId = await images.processed(await picture({ format: 'png' }), {
      name: 'photo.jpg',
    });

    const path = `images/7/thumb/${imageId}.png`;
    expect(images.peers.cdn.files.get(path)?.type).toBe('image/png');
    expect(await images.onCdn()).toMatchObject({ [path]: { format: 'png' } });
  });

  it('keeps a name in any script', async () => {
    const name = 'Häuser – 写真 👩‍👩‍👧.jpg';
    await images.processed(await picture(), { name });

    expect(await images.rows()).toMatchObject([{ filename: name }]);
    expect(images.eventsOf(`process_image_7_${name}`)).toEqual([
      'scheduled',
      'started',
      'succeeded',
    ]);
  });

  it('does not overwrite another one of the same name', async () => {
    const bytes = await picture();
    const ids = await Promise.all(
      Array.from({ length: 10 }, () => images.accepted(bytes)),
    );
    await images.tester.settled();

    expect(new Set(ids).size).toBe(10);
    expect(images.peers.cdn.files.size).toBe(30);
    const rows = await images.rows();
    expect(rows.map(({ status }) => status)).toEqual(Array(10).fill('ready'));
    expect(images.files).toEqual([]);
  });

  it('schedules its processing at once and unshielded, its tidying up shielded', async () => {
    const imageId = await images.processed(await picture());

    const scheduled = images.tester
      .scheduled()
      .map(({ name, phase, options: { shield = false } }) => ({
        name,
        phase,
        shield,
      }));
    expect(scheduled).toEqual([
      { name: 'process_image_7_photo.jpg', phase: 'immediate', shield: false },
      { name: `tidy_up_${imageId}`, phase: 'immediate', shield: true },
      { name: 'analytics.track', phase: 'immediate', shield: false },
    ]);
    images.tester.assertNothingFailed();
  });

  it('is ready although analytics is out of order', async () => {
    images.peers.analytics.behaviour = { status: 500, delayMs: 0 };
    const imageId = await images.processed(await picture());

    expect(await images.state(imageId)).toMatchObject({ status: 'ready' });
    images.tester.assertScheduled({
      name: 'analytics.track',
      status: 'failed',
    });
    expect(images.files).toEqual([]);
  });

  it('that does not exist is not found', async () => {
    const unknown = '00000000-0000-4000-8000-000000000000';

    expect((await images.get(unknown)).status).toBe(404);
    expect((await images.cancel(unknown)).status).toBe(404);
    expect((await images.get('1')).status).toBe(400);
  });
});
