// Does what the pages say, in new applications as the CLI of NestJS makes them, with the package
// that `npm run build` and `npm pack` make: `node test/scaffolds/run.js [page]…`.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { codeOfPages, compilePages } from './compile.js';
import { stepsOf } from './page.js';
import { namesIn, packagesOf } from './packages.js';
import { Player } from './player.js';
import { run } from './run-command.js';
import { Scaffold } from './scaffold.js';
import { freePort } from '../support/free-port.js';
import { startServers } from './servers.js';

/** @import { Files } from './compile.js' */
/** @import { Step } from './page.js' */

const BOTH = ['nestjs-12', 'nestjs-11'];
/** @type {readonly { page: string, scaffolds: readonly string[] }[]} */
const PAGES = [
  { page: 'docs/getting-started.md', scaffolds: BOTH },
  { page: 'README.md', scaffolds: BOTH },
  { page: 'docs/guides/example.md', scaffolds: BOTH },
  { page: 'docs/guides/bundlers.md', scaffolds: BOTH },
  { page: 'docs/guides/boards.md', scaffolds: ['nestjs-12'] },
  { page: 'docs/guides/commands.md', scaffolds: ['nestjs-12'] },
  { page: 'docs/guides/logging.md', scaffolds: ['nestjs-12'] },
  { page: 'docs/guides/mikro-orm.md', scaffolds: ['nestjs-12'] },
  { page: 'docs/guides/drizzle.md', scaffolds: ['nestjs-12'] },
  { page: 'docs/guides/prisma.md', scaffolds: ['nestjs-12'] },
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

/** @typedef {{ page: string, name: string, steps: Step[] }} Play */

/** @type {Play[]} */
const plays = [];
for (const { page, scaffolds } of pages) {
  const all = await stepsOf(join(root, page));
  for (const name of scaffolds) {
    const steps = all.filter(({ only = name }) => only === name);
    if (steps.length < 5) throw new Error(`${page} has no steps.`);
    plays.push({ page, name, steps });
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
 * All packages of a scaffold are installed at once, as each command of npm takes about ten seconds.
 *
 * @param {string} name
 * @param {string} tarball
 */
async function prepare(name, tarball) {
  const commands = plays
    .filter((one) => one.name === name)
    .flatMap(({ steps }) => steps)
    .flatMap((step) => (step.kind === 'command' ? [step.text] : []));
  const packages = await packagesOf(commands.flatMap(namesIn), tarball);
  const code = names.length > 0 ? undefined : await codeOfPages(name, tarball);
  const all = [...new Set([...packages, ...(code?.packages ?? [])])];
  const kind = await Scaffold.make(name, all, join(folder, name));
  say(`${name} has its ${all.length} packages`);
  return { name, kind, code: code?.files };
}

/**
 * Compiles the code of all pages.
 *
 * @param {Files} files
 * @param {Scaffold} kind
 */
async function compileAll(files, kind) {
  const began = performance.now();
  const blocks = await compilePages(files, await kind.copy());
  say(`${blocks} blocks compiled with ${kind.name}, ${secondsSince(began)} s`);
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
  const used = BOTH.filter((name) => plays.some((one) => one.name === name));
  const prepared = await Promise.all(
    used.map((name) => prepare(name, tarball)),
  );
  const left = prepared.flatMap(({ name, kind, code }) => {
    const own = plays.filter((one) => one.name === name);
    const all = own.map((one) => () => play(one, kind));
    return code ? [...all, () => compileAll(code, kind)] : all;
  });
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
