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
import { ImagesFixture } from './test/images-fixture.js';

// The first call of a thread loads sharp.
jest.setTimeout(60_000);

describe.each(platforms)(
  'an image rendered in worker threads over $name',
  (platform) => {
    let images: ImagesFixture;
    beforeAll(async () => {
      images = await ImagesFixture.start(platform, { RENDER_IN: 'threads' });
    });
    beforeEach(() => images.reset());
    afterEach(() => void jest.restoreAllMocks());
    afterAll(() => images.close());

    it.each(['jpeg', 'png', 'webp'] as const)(
      'is put on the CDN in three versions (%s)',
      async (format) => {
        const imageId = await images.processed(await picture({ format }));

        const size = { format, width: 450, height: 300 };
        expect(await images.onCdn()).toMatchObject({
          [`images/7/original/${imageId}.${format}`]: size,
          [`images/7/optimized/${imageId}.${format}`]: size,
          [`images/7/thumb/${imageId}.${format}`]: {
            format,
            width: 300,
            height: 200,
          },
        });
        expect(await images.state(imageId)).toMatchObject({ status: 'ready' });
        expect(images.analytics).toHaveLength(1);
        expect(images.files).toEqual([]);
        images.tester.assertNothingFailed();
      },
    );

    it('says why it could not be decoded, and leaves nothing', async () => {
      const bytes = await picture();
      await images.processed(bytes.subarray(0, bytes.length / 2));

      expect(await images.rows()).toMatchObject([
        { status: 'failed', error: expect.stringMatching(/premature end/) },
      ]);
      expect(images.peers.cdn.requests).toEqual([]);
      expect(images.files).toEqual([]);
    });

    it('is broken off when it is cancelled, and leaves nothing', async () => {
      const begun = images.rendering();
      const bytes = await picture({ width: 1_200, height: 900 });
      const imageId = await images.accepted(bytes);
      await begun;

      expect((await images.cancel(imageId)).status).toBe(204);
      await images.tester.settled();
      expect((await images.get(imageId)).status).toBe(404);
      expect(images.peers.cdn.requests).toEqual([]);
      expect(images.files).toEqual([]);
    });
  },
);
