// Does what the pages say, in new applications as the CLI of NestJS makes them, with the package
// that `npm run build` and `npm pack` make: `node test/scaffolds/run.js [page]…`.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { compilePages } from './compile.js';
import { stepsOf } from './page.js';
import { namesIn, packagesOf } from './packages.js';
import { Player } from './player.js';
import { run } from './run-command.js';
import { Scaffold } from './scaffold.js';
import { freePort, startServers } from './servers.js';

/** @import { Step } from './page.js' */

const BOTH = ['nestjs-12', 'nestjs-11'];
/**
 * The pages of a group share an installation. There are two, as npm leaves out some of the
 * optional peers when one command installs the packages of all pages.
 *
 * @type {readonly { page: string, scaffolds: readonly string[], group?: string }[]}
 */
const PAGES = [
  { page: 'docs/getting-started.md', scaffolds: BOTH },
  { page: 'README.md', scaffolds: BOTH },
  { page: 'docs/guides/example.md', scaffolds: BOTH, group: 'more' },
  { page: 'docs/guides/bundlers.md', scaffolds: BOTH, group: 'more' },
  { page: 'docs/guides/boards.md', scaffolds: ['nestjs-12'] },
  { page: 'docs/guides/commands.md', scaffolds: ['nestjs-12'] },
  { page: 'docs/guides/logging.md', scaffolds: ['nestjs-12'] },
  { page: 'docs/guides/mikro-orm.md', scaffolds: ['nestjs-12'] },
  { page: 'docs/guides/drizzle.md', scaffolds: ['nestjs-12'], group: 'more' },
  { page: 'docs/guides/prisma.md', scaffolds: ['nestjs-12'], group: 'more' },
  { page: 'docs/guides/typeorm.md', scaffolds: ['nestjs-12'] },
  { page: 'docs/guides/transactional.md', scaffolds: ['nestjs-12'] },
];

const root = resolve(import.meta.dirname, '../..');
const names = process.argv.slice(2);
const pages = PAGES.filter(
  ({ page }) => names.length === 0 || names.includes(page),
);
// A misspelled name must not check nothing.
if (pages.length < names.length)
  throw new Error(`Not all exist: ${names.join()}`);

const startedAt = performance.now();
const secondsSince = (/** @type {number} */ time) =>
  Math.round((performance.now() - time) / 1_000);
const say = (/** @type {string} */ line) =>
  process.stdout.write(`${secondsSince(startedAt)} s: ${line}\n`);

/** @typedef {{ page: string, name: string, group: string, steps: Step[] }} Play */

/** @type {Play[]} */
const plays = [];
for (const { page, scaffolds, group = 'most' } of pages) {
  const all = await stepsOf(join(root, page));
  for (const name of scaffolds) {
    const steps = all.filter(({ only = name }) => only === name);
    if (steps.length < 5) throw new Error(`${page} has no steps.`);
    plays.push({ page, name, group, steps });
  }
}

const folder = await mkdtemp(join(tmpdir(), 'nestjs-tasks-pages-'));
const servers = await startServers(folder);

/**
 * @param {Play} play
 * @param {Scaffold} kind
 */
async function play({ page, name, steps }, kind) {
  const playedAt = performance.now();
  const scaffold = await kind.copy();
  const env = await servers.environment();
  const player = new Player(scaffold, await freePort(), env);
  try {
    for (const step of steps) {
      await player.play(step).catch((/** @type {Error} */ error) => {
        throw new Error(`${page}:${step.line} with ${name}: ${error.message}`);
      });
    }
  } finally {
    await player.end();
    await scaffold.remove();
  }
  say(
    `${page} with ${name}: ${steps.length} steps, ${secondsSince(playedAt)} s`,
  );
}

/**
 * Compiles the code of all pages.
 *
 * @param {string} name
 * @param {string} tarball
 */
async function compileAll(name, tarball) {
  const began = performance.now();
  const target = join(folder, `${name}-pages`);
  const blocks = await compilePages(name, target, tarball);
  say(`${blocks} blocks compiled with ${name}, ${secondsSince(began)} s`);
}

/**
 * The packages of a group are installed at once, as each command of npm takes about ten seconds.
 *
 * @param {string} name
 * @param {string} group
 * @param {string} tarball
 */
async function install(name, group, tarball) {
  const commands = plays
    .filter((one) => one.name === name && one.group === group)
    .flatMap(({ steps }) => steps)
    .flatMap((step) => (step.kind === 'command' ? [step.text] : []));
  const packages = await packagesOf(commands.flatMap(namesIn), tarball);
  const target = join(folder, `${name}-${group}`);
  const kind = await Scaffold.make(name, packages, target);
  say(`${name} has its ${packages.length} packages`);
  return kind;
}

try {
  const packed = [
    'pack',
    '--json',
    '--ignore-scripts',
    '--pack-destination',
    folder,
  ];
  /** @type {{ filename: string }[]} */
  const [report] = JSON.parse(await run('npm', packed, root));
  const tarball = join(folder, report?.filename ?? '');
  /** @type {Map<string, Promise<Scaffold>>} */
  const kinds = new Map();
  const left = plays.map((one) => async () => {
    const { name, group } = one;
    const key = `${name} ${group}`;
    const kind = kinds.get(key) ?? install(name, group, tarball);
    kinds.set(key, kind);
    await play(one, await kind);
  });
  if (names.length === 0) {
    left.push(...BOTH.map((name) => () => compileAll(name, tarball)));
  }
  // Most of a page is waiting: for a start, for a mail that takes two seconds.
  const lanes = Array.from({ length: availableParallelism() }, async () => {
    for (let next = left.shift(); next; next = left.shift()) await next();
  });
  const ends = await Promise.allSettled(lanes);
  for (const end of ends) {
    if (end.status === 'fulfilled') continue;
    process.stderr.write(`${end.reason}\n`);
    process.exitCode = 1;
  }
} finally {
  await servers.stop();
  await rm(folder, { recursive: true, force: true });
}
