// Does what the pages say, in new applications as the CLI of NestJS makes them, with the package
// that `npm run build` and `npm pack` make: `node test/scaffolds/run.js [page]…`.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stepsOf } from './page.js';
import { Player } from './player.js';
import { run } from './run-command.js';
import { Scaffold } from './scaffold.js';
import { freePort, startServers } from './servers.js';

const BOTH = ['nestjs-12', 'nestjs-11'];
/** @type {readonly { page: string, scaffolds: readonly string[] }[]} */
const PAGES = [
  { page: 'README.md', scaffolds: BOTH },
  { page: 'docs/getting-started.md', scaffolds: BOTH },
  { page: 'docs/guides/commands.md', scaffolds: ['nestjs-12'] },
  { page: 'docs/guides/logging.md', scaffolds: ['nestjs-12'] },
  { page: 'docs/guides/mikro-orm.md', scaffolds: ['nestjs-12'] },
  { page: 'docs/guides/typeorm.md', scaffolds: ['nestjs-12'] },
  { page: 'docs/guides/transactional.md', scaffolds: ['nestjs-12'] },
  { page: 'docs/guides/boards.md', scaffolds: ['nestjs-12'] },
];

const root = resolve(import.meta.dirname, '../..');
const names = process.argv.slice(2);
const pages = PAGES.filter(
  ({ page }) => names.length === 0 || names.includes(page),
);
// A misspelled name must not check nothing.
if (pages.length < names.length)
  throw new Error(`Not all exist: ${names.join()}`);

/**
 * @param {string} page
 * @param {string} name of the scaffold
 * @param {string} tarball
 * @param {Record<string, string>} env
 */
async function play(page, name, tarball, env) {
  const startedAt = performance.now();
  const steps = await stepsOf(join(root, page));
  if (steps.length < 5) throw new Error(`${page} has no steps.`);
  const scaffold = await Scaffold.make(name);
  const port = await freePort();
  const player = new Player(scaffold, tarball, port, env);
  try {
    for (const step of steps) {
      await player.play(step).catch((/** @type {Error} */ error) => {
        throw new Error(`${page}:${step.line} with ${name}: ${error.message}`);
      });
    }
  } finally {
    await player.end();
  }
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  process.stdout.write(
    `${page} with ${name}: ${steps.length} steps, ${seconds} s\n`,
  );
}

const folder = await mkdtemp(join(tmpdir(), 'nestjs-tasks-pages-'));
const servers = await startServers(folder);
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
  for (const { page, scaffolds } of pages) {
    for (const name of scaffolds) {
      await play(page, name, tarball, servers.env);
    }
  }
} finally {
  await servers.stop();
  await rm(folder, { recursive: true, force: true });
}
