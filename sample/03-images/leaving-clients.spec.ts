import { once } from 'node:events';
import type { Server } from 'node:http';
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
import { whenEmpty, whenUsed } from '../../test/samples/03-images/folder.js';
import { picture } from '../../test/samples/03-images/pictures.js';
import { deferred } from '../../test/support/deferred.js';
import { platforms } from '../../test/support/platforms.js';
import { ImageIntake } from './images/image-intake.service.js';
import { ImagesFixture } from './test/images-fixture.js';
import { UploadClient } from './test/upload-client.js';

describe.each(platforms)('a client that leaves over $name', (platform) => {
  let images: ImagesFixture;
  beforeAll(async () => {
    images = await ImagesFixture.start(platform);
  }, 30_000);
  beforeEach(() => images.reset());
  afterEach(() => void jest.restoreAllMocks());
  afterAll(() => images.close());

  it.each(['hangUp', 'halfClose', 'close'] as const)(
    'midway through its upload (%s) leaves nothing',
    async (leave) => {
      const client = await UploadClient.begin(images.url, await picture());
      await whenUsed(images.uploadFolder);
      client[leave]();
      await whenEmpty(images.uploadFolder);

      images.tester.assertNotScheduled();
      expect(await images.rows()).toEqual([]);
      client.close();
    },
  );

  it('midway through its upload does not disturb another one', async () => {
    const client = await UploadClient.begin(images.url, await picture());
    await whenUsed(images.uploadFolder);
    const resume = images.peers.cdn.pause();
    const imageId = await images.accepted(await picture());
    client.hangUp();
    await images.peers.cdn.asked(3);
    resume();
    await images.tester.settled();
    await whenEmpty(images.uploadFolder);

    expect(await images.state(imageId)).toMatchObject({ status: 'ready' });
    expect(images.peers.cdn.files.size).toBe(3);
  });

  it('before it has its answer has its image processed', async () => {
    const intake = images.app.get(ImageIntake);
    const accept = intake.accept.bind(intake);
    const begun = deferred();
    const gone = deferred();
    jest.spyOn(intake, 'accept').mockImplementation(async (userId, file) => {
      begun.resolve();
      await gone.promise;
      return accept(userId, file);
    });
    const server = images.app.getHttpServer() as Server;
    const connected = once(server, 'connection');
    const client = await UploadClient.begin(images.url, await picture());
    const [connection] = await connected;
    client.finish();
    await begun.promise;
    client.close();
    await once(connection, 'close');
    const succeeded = images.next('succeeded');
    gone.resolve();
    await succeeded;
    await images.tester.settled();

    expect(await images.rows()).toMatchObject([{ status: 'ready' }]);
    expect(images.peers.cdn.files.size).toBe(3);
    expect(images.files).toEqual([]);
  });
});
