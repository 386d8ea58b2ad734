import { createHash } from 'node:crypto';
import {
  cp,
  mkdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
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
const MODULES = 'node_modules';
const LOCK = join(MODULES, '.package-lock.json');
let copies = 0;
/** @type {Map<string, Promise<void>>} */
const bases = new Map();

/**
 * @typedef {{
 *   dependencies: Record<string, string>,
 *   devDependencies: Record<string, string>,
 *   overrides?: unknown,
 * }} Manifest
 */

/** A new application, as the CLI of NestJS makes it. */
export class Scaffold {
  /**
   * @param {string} name
   * @param {string} folder
   * @param {ReadonlySet<string>} packages that it has from the beginning
   */
  constructor(name, folder, packages) {
    this.name = name;
    this.folder = folder;
    this.packages = packages;
  }

  /**
   * One with these packages besides its own, which are installed once for each lock file.
   *
   * @param {string} name
   * @param {readonly string[]} packages
   * @param {string} folder
   */
  static async make(name, packages, folder) {
    const made = join(MADE, `${name}-${await keyOf(join(here, name))}`);
    const base = bases.get(name) ?? installOnce(join(here, name), made);
    bases.set(name, base);
    await base;
    const { dependencies, devDependencies } = await manifestIn(made);
    const own = Object.keys({ ...dependencies, ...devDependencies });
    const scaffold = new Scaffold(name, folder, new Set(own));
    await cp(join(made, '.made'), folder, { recursive: true });
    await cp(join(made, '.made'), join(folder, '.made'), { recursive: true });
    // The files of packages are links, as npm replaces them, but for its lock file, which it writes to.
    await run('cp', ['-al', join(made, MODULES), folder], here);
    await rm(join(folder, LOCK), { force: true });
    await cp(join(made, LOCK), join(folder, LOCK));
    if (packages.length > 0) {
      // Those of different pages may disagree about an optional peer.
      const command = ['install', '--force', ...NO_NOISE, ...packages];
      await run('npm', command, folder);
    }
    return scaffold;
  }

  /** Another one, as if it was new, in a folder of its own, with the same packages. */
  async copy() {
    copies += 1;
    const folder = `${this.folder}-${copies}`;
    await cp(join(this.folder, '.made'), folder, { recursive: true });
    await symlink(join(this.folder, MODULES), join(folder, MODULES));
    return new Scaffold(this.name, folder, this.packages);
  }

  remove() {
    return rm(this.folder, { recursive: true, force: true });
  }

  /**
   * @param {string} name
   * @param {string} text
   * @param {boolean} hasExtensions whether relative imports keep theirs in CommonJS
   */
  async write(name, text, hasExtensions) {
    const path = join(this.folder, name);
    await mkdir(dirname(path), { recursive: true });
    const isAsItIs = hasExtensions || this.name === 'nestjs-12';
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
async function installOnce(source, folder) {
  if (!(await exists(folder))) await install(source, folder);
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
  /** @type {Manifest} */
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
