import { join } from 'node:path';
import {
  applicationOf,
  blocksOf,
  exampleOf,
  namesInPackages,
  pagesWithCode,
  textOf,
} from './blocks.js';
import { importsOf, namesIn, packagesOf, versionsIn } from './packages.js';
import { run } from './run-command.js';

/** @import { Block } from './blocks.js' */
/** @import { Scaffold } from './scaffold.js' */

/** The examples of three test runners, which `npm run test:runners` compiles and runs. */
const OF_RUNNERS = /\.(?:jest|node|vitest)\.test\.ts$/;
/** What starts an application when it is loaded, or needs a test runner. */
const STARTS = /(?:\/(?:main|worker|lambda)|\.spec)(?:\.[\w-]+)?\.ts$|\/test\//;

/** @typedef {Map<string, { code: string, block: Block | undefined }>} Files */

/**
 * The files of the pages whose packages are there, those of each page in a folder of its own: what
 * a reader pastes, and copies in which a fragment stands in its place.
 *
 * @param {(name: string) => boolean} isThere
 * @returns {Promise<Files>}
 */
async function filesOfPages(isThere) {
  const pages = await Promise.all((await pagesWithCode()).map(blocksOf));
  const example = exampleOf(pages.flat());
  const names = await namesInPackages();
  /** @type {Files} */
  const all = new Map();
  for (const blocks of pages) {
    const { files, origins } = applicationOf(blocks, example, names);
    const folder = blocks[0]?.page.replaceAll(/[^\w]/g, '-') ?? '';
    const codes = [...files.values()];
    // docs:run compiles those that it makes.
    if (blocks.every(({ isStep }) => isStep)) continue;
    if (!codes.flatMap(importsOf).every(isThere)) continue;
    for (const [file, code] of files) {
      if (OF_RUNNERS.test(file)) continue;
      all.set(join('pages', folder, file), { code, block: origins.get(file) });
    }
  }
  return all;
}

/**
 * The code of all pages that can be compiled in an application, and the packages that it needs.
 *
 * @param {string} name of the scaffold
 * @param {string} tarball of this package
 * @returns {Promise<{ files: Files, packages: string[] }>}
 */
export async function codeOfPages(name, tarball) {
  const ofTests = await versionsIn('package-lock.json');
  const of11 = await versionsIn('test/nest11/package-lock.json');
  const is11 = name === 'nestjs-11';
  const isOfNest = (/** @type {string} */ one) => one.startsWith('@nestjs/');
  const files = await filesOfPages(
    // Not all packages of NestJS are tested with NestJS 11.
    (one) => !is11 || !isOfNest(one) || of11(one) !== undefined,
  );
  const imported = [...files.values()].flatMap(({ code }) => importsOf(code));
  const installed = await installedBy(files);
  const packages = await packagesOf(
    [...imported, ...installed.filter((one) => ofTests(one) !== undefined)],
    tarball,
    (one) => (is11 && isOfNest(one) ? of11(one) : ofTests(one)),
  );
  for (const [file, { code }] of files) {
    // In CommonJS something else stands there, as the page says.
    if (is11 && code.includes('import.meta')) files.delete(file);
  }
  return { files, packages };
}

/**
 * Compiles the code of all pages in a new application, and loads it.
 *
 * @param {Files} files
 * @param {Scaffold} scaffold
 * @returns {Promise<number>} how many blocks there were
 */
export async function compilePages(files, scaffold) {
  await compile(files, scaffold);
  await load(files, scaffold);
  const blocks = [...files.values()].map(({ block }) => block);
  return new Set(blocks.filter(Boolean)).size;
}

/**
 * What the pages tell readers to install.
 *
 * @param {Files} files
 */
async function installedBy(files) {
  const blocks = [...files.values()].map(({ block }) => block?.page ?? '');
  const pages = [...new Set(blocks)].filter(Boolean);
  const texts = await Promise.all(pages.map(textOf));
  const commands = texts.flatMap((text) => text.match(/^npm install .*$/gm));
  return commands.flatMap((command) => namesIn(command ?? ''));
}

/**
 * Compiles the files with the settings of an application, all at once.
 *
 * @param {Files} files
 * @param {Scaffold} scaffold
 */
async function compile(files, scaffold) {
  for (const [name, { code }] of files) await scaffold.write(name, code, false);
  const settings = {
    extends: './tsconfig.json',
    compilerOptions: { rootDir: '.', outDir: 'dist', incremental: false },
    include: ['pages'],
  };
  await scaffold.write('tsconfig.pages.json', JSON.stringify(settings), true);
  const command = ['tsc', '--pretty', 'false', '--project'];
  await run('npx', [...command, 'tsconfig.pages.json'], scaffold.folder).catch(
    (/** @type {Error} */ { message }) => {
      throw new Error(withOrigins(message, files));
    },
  );
}

/**
 * Loads what was compiled, so that it does more than compile.
 *
 * @param {Files} files
 * @param {Scaffold} scaffold
 */
async function load(files, scaffold) {
  const names = [...files.keys()].filter((name) => !STARTS.test(name));
  const paths = names.map((name) => `./dist/${name.replace(/ts$/, 'js')}`);
  const imports = paths.map((path) => `await import('${path}');`);
  const code = ["import 'reflect-metadata';", ...imports, 'process.exit();'];
  await scaffold.write('load.mjs', code.join('\n'), true);
  await run('node', ['load.mjs'], scaffold.folder);
}

/**
 * @param {string} said
 * @param {Files} files
 */
function withOrigins(said, files) {
  return said.replaceAll(/^(pages\/[^(]+)\(/gm, (start, name) => {
    const { block } = files.get(name) ?? {};
    return block ? `${block.page}:${block.line} ${start}` : start;
  });
}
