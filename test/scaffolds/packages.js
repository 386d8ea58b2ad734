import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const INSTALL = /^npm install (?<names>.*)/;
const IMPORT = /(?:^import|^\} from|^export .* from| from) '([^'.][^']*)';$/gm;

/**
 * The names in the `npm install` of a page.
 *
 * @param {string} command
 * @returns {string[]} none if it is another command
 */
export function namesIn(command) {
  const { names = '' } = INSTALL.exec(command)?.groups ?? {};
  return names.split(' ').filter((name) => name !== '' && name[0] !== '-');
}

/**
 * These packages in the versions that the tests have. A name with a version of its own keeps that.
 *
 * @param {readonly string[]} names
 * @param {string} tarball of this package
 * @param {(name: string) => string | undefined} [versionOf]
 * @returns {Promise<string[]>}
 */
export async function packagesOf(names, tarball, versionOf) {
  const version = versionOf ?? (await versionsIn('package-lock.json'));
  return [...new Set(names)].map((name) => {
    if (name === 'nestjs-tasks') return tarball;
    const found = version(name);
    return found ? `${name}@${found}` : name;
  });
}

/**
 * The versions of what a lock file installs.
 *
 * @param {string} file
 * @returns {Promise<(name: string) => string | undefined>}
 */
export async function versionsIn(file) {
  const lock = await readFile(join(root, file), 'utf8');
  /** @type {{ packages: Record<string, { version: string } | undefined> }} */
  const { packages } = JSON.parse(lock);
  return (name) => packages[`node_modules/${name}`]?.version;
}

/**
 * The packages that a file imports.
 *
 * @param {string} code
 * @returns {string[]}
 */
export function importsOf(code) {
  const specifiers = [...code.matchAll(IMPORT)].map(([, name = '']) => name);
  return specifiers
    .filter((name) => !isBuiltin(name))
    .map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'));
}
