import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from '@jest/globals';
import { postgresSchema } from '../../test/samples/postgres-schema.js';
import { platforms } from '../../test/support/platforms.js';
import { RegistrationFixture } from './test/registration-fixture.js';

const ada = {
  email: 'ada@example.com',
  password: 'correct horse',
  name: 'Ada Lovelace',
};

/** The tests for any PostgreSQL. */
function letsOneThrough(
  database: string,
  openDatabase: () => Promise<string>,
  dropDatabase = async () => {},
): void {
  describe.each(platforms)(
    `requests at the same moment on ${database} over $name`,
    (platform) => {
      let fixture: RegistrationFixture;
      beforeAll(async () => {
        const databaseUrl = await openDatabase();
        fixture = await RegistrationFixture.start(platform, { databaseUrl });
      }, 30_000);
      beforeEach(() => fixture.reset());
      afterAll(async () => {
        await fixture.close();
        await dropDatabase();
      });

      /** The statuses of the responses, once all tasks have ended. */
      const statuses = async (path: string, bodies: readonly object[]) => {
        const responses = await Promise.all(
          bodies.map((body) => fixture.post(path, body)),
        );
        await fixture.tester.settled();
        return responses.map(({ status }) => status).sort((a, b) => a - b);
      };

      it('register an email once', async () => {
        const bodies = Array.from({ length: 5 }, (_, index) => ({
          ...ada,
          email: index % 2 ? 'ada@example.com' : 'ADA@example.com',
        }));

        expect(await statuses('/register', bodies)).toEqual([
          201, 409, 409, 409, 409,
        ]);
        expect(await fixture.users()).toHaveLength(1);
        expect(
          await fixture.database.query(
            'SELECT user_id AS id FROM verification_tokens',
          ),
        ).toEqual([{ id: (await fixture.users())[0]?.id }]);
        expect(fixture.peers.mail.received).toHaveLength(1);
        expect(fixture.received('analytics')).toHaveLength(1);
      });

      it('use a token once', async () => {
        await fixture.register(ada);
        const token = fixture.tokenOf(ada.email);
        fixture.peers.reset();

        expect(await statuses('/verify', Array(5).fill({ token }))).toEqual([
          200, 410, 410, 410, 410,
        ]);
        expect(await fixture.users()).toMatchObject([{ verified: true }]);
        expect(fixture.peers.mail.received).toHaveLength(1);
        expect(fixture.received('analytics')).toHaveLength(1);
      });
    },
  );
}

letsOneThrough('the embedded PostgreSQL', async () => 'memory://');

const schema = await postgresSchema('registration');
if (schema) {
  letsOneThrough('a PostgreSQL server', schema.create, schema.drop);
} else {
  it.skip('requests at the same moment on a PostgreSQL server', () => {});
}
