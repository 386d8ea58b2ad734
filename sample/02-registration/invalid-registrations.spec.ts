import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from '@jest/globals';
import { platforms } from '../../test/support/platforms.js';
import { RegistrationFixture } from './test/registration-fixture.js';

const ada = {
  email: 'ada@example.com',
  password: 'correct horse',
  name: 'Ada Lovelace',
};
const without = (key: keyof typeof ada) => ({ ...ada, [key]: undefined });

const invalid: Readonly<Record<string, unknown>> = {
  'is no JSON': '{"email": ',
  'is empty': '',
  'is null': 'null',
  'is a list': [ada],
  'is an empty object': {},
  'has no email': without('email'),
  'has an email that is none': { ...ada, email: 'ada' },
  'has an email with a line break': {
    ...ada,
    email: 'ada@example.com\r\nBcc: eve@example.com',
  },
  'has several emails': { ...ada, email: ['a@example.com', 'b@example.com'] },
  'has no password': without('password'),
  'has a password that is too short': { ...ada, password: '1234567' },
  'has a password that is no text': { ...ada, password: 12_345_678 },
  'has a password of which bcrypt would ignore the end': {
    ...ada,
    // 25 characters, 75 bytes.
    password: '€'.repeat(25),
  },
  'has no name': without('name'),
  'has an empty name': { ...ada, name: '' },
  'has a blank name': { ...ada, name: '   ' },
  'has a name that is too long': { ...ada, name: 'a'.repeat(101) },
  'has a name with a line break': { ...ada, name: 'Ada\n\nPay here:' },
  'has a name that the database cannot hold': { ...ada, name: 'Ada\u0000' },
  'has a name that is half a character': { ...ada, name: '\ud83d' },
  'has an unknown property': { ...ada, verified: true },
};

describe.each(platforms)('an invalid registration over $name', (platform) => {
  let fixture: RegistrationFixture;
  beforeAll(async () => {
    fixture = await RegistrationFixture.start(platform);
  }, 30_000);
  beforeEach(() => fixture.reset());
  afterAll(() => fixture.close());

  it.each(Object.entries(invalid))(
    'that %s is a 400, and schedules and writes nothing',
    async (_what, body) => {
      const response = await fixture.post('/register', body);

      expect(response.status).toBe(400);
      expect(fixture.tester.scheduled()).toEqual([]);
      expect(await fixture.users()).toEqual([]);
    },
  );

  it('says what is wrong with it', async () => {
    const response = await fixture.post('/register', {
      ...ada,
      password: '€'.repeat(25),
    });

    expect(await response.json()).toMatchObject({
      message: ['password must not be longer than 72 bytes'],
    });
  });
});
