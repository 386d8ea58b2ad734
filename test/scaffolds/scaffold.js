import { createHash } from 'node:crypto';
import {
  cp,
  mkdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { run } from './run-command.js';

const here = import.meta.dirname;
const NO_NOISE = [
  '--no-audit',
  '--no-fund',
  '--prefer-offline',
  // `npm run --silent` would hide why it failed.
  '--loglevel=error',
];
const MADE = join(tmpdir(), 'nestjs-tasks-scaffolds');

/** A new application, as the CLI of NestJS makes it. */
export class Scaffold {
  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
  }

  /**
   * The packages are installed once for each lock file. What a page has changed is undone.
   *
   * @param {string} name
   */
  static async make(name) {
    const folder = join(MADE, `${name}-${await keyOf(join(here, name))}`);
    if (!(await exists(folder))) await install(join(here, name), folder);
    for (const part of [
      'src',
      'test',
      'dist',
      'package.json',
      'package-lock.json',
    ]) {
      await rm(join(folder, part), { recursive: true, force: true });
    }
    await cp(join(folder, '.made'), folder, { recursive: true });
    return new Scaffold(folder);
  }

  /**
   * @param {string} name
   * @param {string} text
   * @param {boolean} hasExtensions whether relative imports keep theirs in CommonJS
   */
  async write(name, text, hasExtensions) {
    const path = join(this.folder, name);
    await mkdir(dirname(path), { recursive: true });
    const isAsItIs = hasExtensions || this.folder.includes('nestjs-12');
    await writeFile(path, isAsItIs ? text : withoutExtensions(text));
  }
}

/**
 * What the pages tell those whose application is in CommonJS to do.
 *
 * @param {string} code
 */
function withoutExtensions(code) {
  return code.replaceAll(/( from '\.{1,2}\/[^']+)\.js';/g, "$1';");
}

/**
 * @param {string} source
 * @param {string} folder
 */
async function install(source, folder) {
  // Under another name until it is complete.
  const unfinished = `${folder}-${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    await cp(join(source, file), join(unfinished, file));
  }
  await run('npm', ['ci', ...NO_NOISE], unfinished);
  const nest = join(unfinished, 'node_modules/.bin/nest');
  const options = ['--skip-install', '--skip-git', '--package-manager', 'npm'];
  const made = join(unfinished, basename(source));
  await run(nest, ['new', basename(source), ...options], unfinished);
  await assertSamePackages(source, made);
  await rename(made, join(unfinished, '.made'));
  for (const file of ['package.json', 'package-lock.json']) {
    await cp(join(source, file), join(unfinished, '.made', file));
  }
  await rename(unfinished, folder);
}

/**
 * The lock file must be that of what the CLI makes.
 *
 * @param {string} source
 * @param {string} made
 */
async function assertSamePackages(source, made) {
  const [ours, theirs] = await Promise.all([source, made].map(manifestIn));
  if (JSON.stringify(ours) === JSON.stringify(theirs)) return;
  throw new Error(
    `${source}/package.json is not what the CLI makes: copy it from there.\n${JSON.stringify(theirs, null, 2)}`,
  );
}

/** @param {string} folder */
async function manifestIn(folder) {
  const text = await readFile(join(folder, 'package.json'), 'utf8');
  /** @type {{ overrides?: unknown }} */
  const { overrides: _ours, ...manifest } = JSON.parse(text);
  return manifest;
}

/** @param {string} source */
async function keyOf(source) {
  const hash = createHash('sha256').update(source);
  for (const file of ['package.json', 'package-lock.json']) {
    hash.update(await readFile(join(source, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** @param {string} path */
function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}
