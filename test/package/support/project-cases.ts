import { beforeAll, describe, expect, it } from '@jest/globals';
import { PackedPackage } from './packed-package.js';
import { Project } from './project.js';

interface ProjectCase {
  readonly name: string;
  /** Whether it has every optional peer, or none. */
  readonly hasPeers: boolean;
  /** Whether its test runner can load its NestJS with this Node.js. */
  readonly canTest: boolean;
}

const ALL_PLAYED = [
  '201 {"orderId":7}',
  '201 {"orderId":8}',
  'afterRoute reserve: reserved 7',
  'afterResponse MailTasks.confirm: confirmed 7',
  'afterResponse MailTasks.confirm: confirmed 8',
];

/** What holds in the projects of those who install the package. */
export function describeProjects(cases: readonly ProjectCase[]): void {
  let packed: PackedPackage;
  beforeAll(async () => {
    packed = await PackedPackage.open();
  });

  describe.each(cases)('the project $name', (projectCase) => {
    const { name, hasPeers, canTest } = projectCase;
    let project: Project;
    beforeAll(async () => {
      project = await Project.install(name, packed);
    });

    it('gets no package that it did not ask for', async () => {
      for (const peer of packed.optionalPeers) {
        const isThere = await project.has(peer);
        expect([peer, isThere]).toEqual([peer, hasPeers]);
      }
    });

    it('compiles, and its tasks run over Express and Fastify', async () => {
      await project.npm('build');
      expect(JSON.parse(await project.npm('start'))).toEqual({
        express: ALL_PLAYED,
        fastify: ALL_PLAYED,
        threads: hasPeers ? 144 : expect.stringMatching('npm install piscina'),
      });
    });

    it.each(['require import', 'import require'])(
      'has one copy of everything, loaded by %s',
      async (order) => {
        const seen = await project.node('both-ways.cjs', ...order.split(' '));
        expect(seen.trim().split('\n')).toEqual(
          packed.entryPoints.map(({ name: entryPoint, peers }) => {
            const isLoaded = hasPeers || peers.length === 0;
            const seenOfIt = isLoaded
              ? '\\d+ exports, twice: none'
              : `needs (?:${peers.join('|')})`;
            return expect.stringMatching(`^${entryPoint}: ${seenOfIt}$`);
          }),
        );
      },
    );

    (canTest ? it : it.skip)('passes its own tests', async () => {
      await project.npm('test');
    });
  });
}
