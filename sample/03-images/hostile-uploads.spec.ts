import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from '@jest/globals';
import { whenEmpty } from '../../test/samples/03-images/folder.js';
import {
  animation,
  bomb,
  GIF,
  picture,
  SVG,
} from '../../test/samples/03-images/pictures.js';
import { platforms } from '../../test/support/platforms.js';
import { ImagesFixture } from './test/images-fixture.js';

const BOUNDARY = 'hostile';

/** A form whose file has this header, byte by byte. */
function formWith(disposition: string, content = 'bytes'): string {
  return [
    `--${BOUNDARY}`,
    'Content-Disposition: form-data; name="userId"',
    '',
    '7',
    `--${BOUNDARY}`,
    `Content-Disposition: ${disposition}`,
    'Content-Type: image/jpeg',
    '',
    content,
    `--${BOUNDARY}--`,
    '',
  ].join('\r\n');
}

const names: Readonly<Record<string, [name: string, message: RegExp]>> = {
  'climbs out of the folder': ['../../../etc/passwd.jpg', /not be a path/],
  'climbs out of the folder on Windows': ['..\\..\\a.jpg', /not be a path/],
  'is absolute': ['/etc/cron.d/a.jpg', /not be a path/],
  'has a drive': ['C:\\a.jpg', /not be a path/],
  'is the folder': ['.', /not be a path/],
  'is the folder above': ['..', /not be a path/],
  'is a space': [' ', /not be empty/],
  'has a NUL': ['a.jpg\0.txt', /control characters|Malformed part header/],
  'has a line break': ['a\r\nset-cookie: b.jpg', /control characters/],
  'has an escape sequence': [
    '\u001b[2Ja.jpg',
    /control characters|Malformed part header/,
  ],
  'is written backwards': ['a\u202egpj.exe', /direction of text/],
  'is very long': [`${'a'.repeat(252)}.jpg`, /longer than 255 bytes/],
  'is very long in bytes alone': [
    `${'写'.repeat(84)}.jpg`,
    /longer than 255 bytes/,
  ],
};

const dispositions: Readonly<
  Record<string, [disposition: string, message: RegExp]>
> = {
  'whose name is empty': [
    'form-data; name="file"; filename=""',
    /file must be a file|no file/,
  ],
  'that is no file': ['form-data; name="file"', /file must be a file/],
  'in another field': [
    'form-data; name="picture"; filename="a.jpg"',
    /Unexpected file field/,
  ],
  'whose name has a NUL': [
    'form-data; name="file"; filename="a\0.jpg"',
    /control characters|Malformed|no file/,
  ],
  'whose name has an encoded NUL': [
    'form-data; name="file"; filename*=UTF-8\'\'a%00.jpg',
    /control characters/,
  ],
  'whose name is an encoded path': [
    'form-data; name="file"; filename*=UTF-8\'\'..%2F..%2Fa.jpg',
    /not be a path/,
  ],
  'whose name fills the header': [
    `form-data; name="file"; filename="${'a'.repeat(100_000)}.jpg"`,
    /longer than 255 bytes|Malformed|no file/,
  ],
};

describe.each(platforms)('a hostile upload over $name', (platform) => {
  let images: ImagesFixture;
  beforeAll(async () => {
    images = await ImagesFixture.start(platform);
  }, 30_000);
  beforeEach(() => images.reset());
  afterAll(() => images.close());

  /** It is refused and leaves nothing behind. */
  const expectRefusal = async (
    response: Response,
    status: number,
    message: RegExp,
  ) => {
    const answer = (await response.json()) as { message: unknown };
    expect(String(answer.message)).toMatch(message);
    expect(response.status).toBe(status);
    images.tester.assertNotScheduled();
    expect(images.peers.cdn.requests).toEqual([]);
    expect(await images.rows()).toEqual([]);
    // Parsers remove their files concurrently with the response.
    await whenEmpty(images.uploadFolder);
  };

  it.each(Object.entries(names))(
    'whose name %s is a 400',
    async (_what, [name, message]) => {
      const response = await images.upload(await picture(), { name });

      await expectRefusal(response, 400, message);
    },
  );

  it.each(Object.entries(dispositions))(
    '%s is a 400',
    async (_what, [disposition, message]) => {
      const response = await images.post(formWith(disposition), {
        'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      });

      await expectRefusal(response, 400, message);
    },
  );

  it('of text named .jpg is a 415', async () => {
    const response = await images.upload('I am an image, really.');

    await expectRefusal(response, 415, /not a JPEG, PNG or WebP image/);
  });

  it('of SVG named .jpg is a 415, and never parsed', async () => {
    await expectRefusal(
      await images.upload(SVG),
      415,
      /not a JPEG, PNG or WebP/,
    );
  });

  it('of GIF is a 415', async () => {
    await expectRefusal(
      await images.upload(GIF),
      415,
      /not a JPEG, PNG or WebP/,
    );
  });

  it('of an animation is a 415', async () => {
    const response = await images.upload(await animation());

    await expectRefusal(response, 415, /not be animated/);
  });

  it('of the first bytes of an image is a 415', async () => {
    const bytes = await picture();
    const response = await images.upload(bytes.subarray(0, 4));

    await expectRefusal(response, 415, /not a JPEG, PNG or WebP/);
  });

  it('of an empty file is a 400', async () => {
    await expectRefusal(await images.upload(''), 400, /file is empty/);
  });

  it('of 50 megapixels in a small file is a 413', async () => {
    const bytes = await bomb();
    expect(bytes.length).toBeLessThan(200_000);
    const response = await images.upload(bytes);

    await expectRefusal(
      response,
      413,
      /10000 × 5000 = 50000000 pixels; 25000000 are allowed/,
    );
  });

  it('of too many bytes is a 413', async () => {
    const response = await images.upload(Buffer.alloc(2 * 1024 * 1024 + 1));

    await expectRefusal(response, 413, /File too large/);
  });

  it('of as many bytes as are allowed is read', async () => {
    const response = await images.upload(Buffer.alloc(2 * 1024 * 1024));

    await expectRefusal(response, 415, /not a JPEG, PNG or WebP/);
  });

  it('of two files is a 400', async () => {
    const form = new FormData();
    form.set('userId', '7');
    form.append('file', new Blob([await picture()]), 'a.jpg');
    form.append('file', new Blob([await picture()]), 'b.jpg');

    await expectRefusal(
      await images.post(form),
      400,
      /Too many files|Unexpected file field/,
    );
  });

  it('of a hundred fields is a 400', async () => {
    const form = new FormData();
    for (let n = 0; n < 100; n += 1) form.set(`field${n}`, 'value');
    form.append('file', new Blob([await picture()]), 'a.jpg');

    await expectRefusal(await images.post(form), 400, /Too many fields/);
  });

  it('that is no form is a 400', async () => {
    const response = await images.post('{"userId": 7}', {
      'content-type': 'application/json',
    });

    await expectRefusal(response, 400, /no file/);
  });

  it('that breaks off in the middle of the form is a 400', async () => {
    const disposition = 'form-data; name="file"; filename="a.jpg"';
    const response = await images.post(formWith(disposition).slice(0, -20), {
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
    });

    await expectRefusal(response, 400, /Unexpected end of (form|file)/);
  });

  it.each(['', 'ada', '0', '-1', '1.5', '2147483648'])(
    'of user "%s" is a 400',
    async (userId) => {
      const response = await images.upload(await picture(), { userId });

      await expectRefusal(response, 400, /userId/);
    },
  );
});
