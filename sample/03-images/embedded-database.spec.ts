import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from '@jest/globals';
import { picture } from '../../test/samples/03-images/pictures.js';
import { platforms } from '../../test/support/platforms.js';
import { ImagesFixture } from './test/images-fixture.js';

describe.each(platforms)(
  'an image in the embedded PostgreSQL over $name',
  (platform) => {
    let images: ImagesFixture;
    beforeAll(async () => {
      images = await ImagesFixture.start(platform, {
        DATABASE_URL: 'memory://',
      });
    });
    beforeEach(() => images.reset());
    afterAll(() => images.close());

    it('has its row when it is ready', async () => {
      const name = 'Häuser – 写真.jpg';
      const imageId = await images.processed(await picture(), { name });

      expect(await images.rows()).toMatchObject([
        { id: imageId, userId: 7, status: 'ready', filename: name },
      ]);
      expect(await images.state(imageId)).toMatchObject({ status: 'ready' });
    });

    it('has its row when it has failed', async () => {
      images.peers.cdn.behave({ refuse: -1 });
      const imageId = await images.processed(await picture());

      expect(await images.rows()).toMatchObject([
        { id: imageId, status: 'failed', error: expect.stringMatching(/503/) },
      ]);
      expect(images.files).toEqual([]);
    });
  },
);
