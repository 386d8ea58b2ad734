import { join } from 'node:path';
import {
  applicationOf,
  blocksOf,
  exampleOf,
  namesInPackages,
  pagesWithCode,
} from './blocks.js';
import { importsOf } from './packages.js';
import { run } from './run-command.js';

/** @import { Block } from './blocks.js' */
/** @import { Scaffold } from './scaffold.js' */

// The examples of three test runners, which `npm run test:runners` compiles and runs.
const OF_RUNNERS = /\.(?:jest|node|vitest)\.test\.ts$/;
const GENERATED = /\/generated\//;

/**
 * The files of all pages, those of each page in a folder of its own: what a reader pastes, and
 * copies in which a fragment stands in its place.
 *
 * @returns {Promise<Map<string, { code: string, block: Block | undefined }>>}
 */
export async function filesOfPages() {
  const pages = await Promise.all((await pagesWithCode()).map(blocksOf));
  const example = exampleOf(pages.flat());
  const names = await namesInPackages();
  /** @type {Map<string, { code: string, block: Block | undefined }>} */
  const all = new Map();
  const problems = [];
  for (const blocks of pages) {
    const application = applicationOf(blocks, example, names);
    problems.push(...application.problems);
    const folder = blocks[0]?.page.replaceAll(/[^\w]/g, '-') ?? '';
    for (const [file, code] of application.files) {
      if (OF_RUNNERS.test(file) || GENERATED.test(code)) continue;
      const block = application.origins.get(file);
      all.set(join('pages', folder, file), { code, block });
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return all;
}

/**
 * The packages that the pages need.
 *
 * @param {Awaited<ReturnType<typeof filesOfPages>>} files
 */
export function packagesOfPages(files) {
  const names = [...files.values()].flatMap(({ code }) => importsOf(code));
  return [...new Set(names)];
}

/**
 * Compiles the files with the settings of an application, all at once.
 *
 * @param {Awaited<ReturnType<typeof filesOfPages>>} files
 * @param {Scaffold} scaffold
 */
export async function compile(files, scaffold) {
  for (const [name, { code }] of files) await scaffold.write(name, code, false);
  const settings = { extends: './tsconfig.json', include: ['pages'] };
  await scaffold.write('tsconfig.pages.json', JSON.stringify(settings), true);
  const command = ['tsc', '--noEmit', '--pretty', 'false', '--project'];
  await run('npx', [...command, 'tsconfig.pages.json'], scaffold.folder).catch(
    (/** @type {Error} */ { message }) => {
      throw new Error(withOrigins(message, files));
    },
  );
}

/**
 * @param {string} said
 * @param {Awaited<ReturnType<typeof filesOfPages>>} files
 */
function withOrigins(said, files) {
  return said.replaceAll(/^(pages\/[^(]+)\(/gm, (start, name) => {
    const { block } = files.get(name) ?? {};
    return block ? `${block.page}:${block.line} ${start}` : start;
  });
}
