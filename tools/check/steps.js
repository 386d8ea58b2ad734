/**
 * One of the things that must hold.
 *
 * @typedef {object} Step
 * @property {string} name
 * @property {string} purpose
 * @property {string} [command] the default is the npm script of that name
 * @property {boolean} [isPreparation] every other step needs what it makes
 * @property {'newest' | 'oldest' | 'all'} [on] the Node.js that it runs on; the default is the newest
 * @property {number} [since] the major version of Node.js that it needs
 * @property {string} [again] the command on every Node.js but the newest
 * @property {string} [exclusive] what it writes to: steps that name the same never overlap
 */

/** The folders of the tests that have dependencies of their own. */
const PACKAGES = ['site', 'test/bullmq5', 'test/nest11', 'test/runners'];

/** What the preparations make. A script that runs by itself makes what it needs. */
export const READY = ['dist', ...PACKAGES].join();

/**
 * In the order in which they begin. The long ones come early, so that the last one does
 * not run alone for long.
 *
 * @type {readonly Step[]}
 */
export const STEPS = [
  {
    name: 'build',
    purpose: 'ES modules, CommonJS and declarations',
    isPreparation: true,
  },
  {
    name: 'packages',
    command: `node tools/check/install.js ${PACKAGES.join(' ')}`,
    purpose:
      'the packages of NestJS 11, of BullMQ 5, of the test runners and of the site',
    isPreparation: true,
  },
  { name: 'lint', purpose: 'types, lint and format' },
  {
    name: 'test',
    purpose: 'tests of the library: NestJS 12, Express and Fastify',
    on: 'all',
    // Each fills both cores by itself.
    exclusive: 'the cores',
    // What the compiler decides is the same on every Node.js, and the oldest runs the tests
    // of handlers with NestJS 11, and those of BullMQ with BullMQ 5.
    again:
      'npm run --silent test -- --testPathIgnorePatterns /test/(package|types|nest|docs)/ /test/engines/bullmq /test/dashboard/page /test/process/(load|memory) /node_modules/',
  },
  {
    name: 'test:apps',
    purpose:
      'tests of samples, pages, the page of the dashboard, and under load',
    on: 'all',
    exclusive: 'the cores',
    // The oldest runs the samples in their demos.
    again:
      'npm run --silent test:apps -- /test/(docs/(migrations|observability|operations|pages|recipes)|process/)',
  },
  {
    name: 'test:package',
    purpose: 'the tarball in projects of NestJS 11 and 12',
    on: 'all',
    // With NestJS 11 the tests of handlers run there.
    again: 'npm run --silent test:package -- nestjs-12',
    exclusive: 'the installed projects',
  },
  {
    name: 'docs:run',
    purpose: 'pages done step by step, in applications as the CLI makes them',
    // One page uses pg-boss.
    since: 24,
  },
  {
    name: 'test:nest11',
    // The newest is covered by its package in projects of NestJS 11.
    purpose: 'tests: NestJS 11, Express and Fastify',
    on: 'oldest',
  },
  {
    name: 'test:bullmq5',
    purpose: 'tests: the engine over BullMQ 5',
    on: 'oldest',
  },
  {
    name: 'crash',
    command: 'npm run --silent crash -- 200',
    purpose: 'nothing is lost when processes and stores are killed',
    on: 'all',
    exclusive: 'sample/dist',
  },
  {
    name: 'fuzz',
    // A third of what is done before a release.
    command: 'env PROPERTY_RUNS=1000 FUZZ_MS=6000 npm run --silent fuzz',
    purpose: 'stored data that no call has made, and random programs',
  },
  {
    name: 'demo',
    command: 'npm run --silent demo -- all',
    purpose: 'the samples, but for the outbox on an old Node.js',
    on: 'oldest',
    exclusive: 'sample/dist',
  },
  {
    name: 'demo:outbox',
    command: 'npm run --silent demo -- 06-outbox',
    purpose: 'the sample that needs Node.js 22.12',
    since: 24,
    exclusive: 'sample/dist',
  },
  {
    name: 'demo:exports',
    command: 'npm run --silent demo -- 07-exports',
    purpose: 'the other sample that needs Node.js 22.12',
    since: 24,
    exclusive: 'sample/dist',
  },
  {
    name: 'bench',
    command: 'npm run --silent bench -- --quick',
    purpose: 'the benchmarks run',
  },
  {
    name: 'test:runners',
    purpose: 'the testing guide: Jest, node:test and Vitest',
  },
  {
    name: 'docs:site',
    purpose: 'spelling, and the site with its links',
    since: 24,
  },
  {
    name: 'docs:check',
    purpose: 'the API reference is what the declarations say',
  },
];

/** @param {Step} step */
export function commandOf({ name, command }) {
  return command ?? `npm run --silent ${name}`;
}
