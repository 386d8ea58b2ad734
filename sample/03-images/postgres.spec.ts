import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from '@jest/globals';
import { Client } from 'pg';
import { platforms } from '../../test/support/platforms.js';
import { picture } from './demo/pictures.js';
import { ImagesFixture } from './test/images-fixture.js';

const SERVER =
  process.env['TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/test';
const SCHEMA = `images_${process.pid}`;

/** Runs one statement on the server. */
async function onServer(sql: string): Promise<void> {
  const client = new Client({
    connectionString: SERVER,
    connectionTimeoutMillis: 3_000,
  });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

const isServerThere = await onServer('SELECT 1').then(
  () => true,
  () => false,
);
const isNeeded = isServerThere || process.env['CI'] === 'true';
if (!isNeeded) {
  process.stderr.write(
    `Skipped: images on a PostgreSQL server. Start one at ${SERVER}, or name yours in TEST_DATABASE_URL.\n`,
  );
}

(isNeeded ? describe : describe.skip).each(platforms)(
  'an image on a PostgreSQL server over $name',
  (platform) => {
    let images: ImagesFixture;
    beforeAll(async () => {
      await onServer(`CREATE SCHEMA ${SCHEMA}`);
      const url = new URL(SERVER);
      url.searchParams.set('options', `-c search_path=${SCHEMA}`);
      images = await ImagesFixture.start(platform, { DATABASE_URL: url.href });
    }, 30_000);
    beforeEach(() => images.reset());
    afterAll(async () => {
      await images.close();
      await onServer(`DROP SCHEMA ${SCHEMA} CASCADE`);
    });

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
