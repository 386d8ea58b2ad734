import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const BLOCK_OR_COMMENT =
  /^<!-- (?<comment>.*?) -->$|^```(?:ts|typescript)\n(?<text>[^]*?)^```$/gm;
const MARK = /^\/\/ (?<isPart>in )?(?<name>[\w./-]+\.ts)\n/;
const IMPORT = /^import [^]*? from '[^']*';\n/gm;
const EXPORT =
  /^export (?:abstract |async )?(?<kind>class|function|const|interface|type) (?<name>\w+)/gm;
const PLACE = /^ *\/\/ …$/m;

/** The page whose files fragments of other pages stand in. */
const EXAMPLE = 'docs/guides/example.md';

/**
 * A block of TypeScript on a page.
 *
 * @typedef {object} Block
 * @property {string} page
 * @property {number} line of its first line
 * @property {string} code without its mark
 * @property {string | undefined} file that it is, or is a part of
 * @property {boolean} isPart whether it is a fragment of that file
 * @property {boolean} isStep whether it is written by docs:run, with the steps of its page
 */

/** The pages with code for readers. */
export async function pagesWithCode() {
  const guides = await readdir(join(root, 'docs'), { recursive: true });
  const pages = guides
    .map((name) => join('docs', name))
    .filter((name) => name.endsWith('.md') && name !== 'docs/reference/api.md');
  return ['README.md', ...pages.sort()];
}

/**
 * @param {string} page
 * @param {string} text of the page
 * @returns {Block[]}
 */
export function blocksIn(page, text) {
  /** @type {Block[]} */
  const blocks = [];
  let isStep = false;
  for (const { index, groups } of text.matchAll(BLOCK_OR_COMMENT)) {
    const { comment, text: block = '' } = groups ?? {};
    if (comment !== undefined) {
      if (/^(?:in|out of) the scaffold/.test(comment))
        isStep = comment.startsWith('in ');
      continue;
    }
    const { isPart, name } = MARK.exec(block)?.groups ?? {};
    blocks.push({
      page,
      line: text.slice(0, index).split('\n').length + 1,
      code: block.replace(MARK, ''),
      file: name,
      isPart: isPart !== undefined,
      isStep,
    });
  }
  return blocks;
}

/** @param {string} page */
export function textOf(page) {
  return readFile(join(root, page), 'utf8');
}

/** @param {string} page */
export async function blocksOf(page) {
  return blocksIn(page, await textOf(page));
}

/** What the CLI of NestJS makes, in short. */
const MADE = {
  'src/app.controller.ts': 'export class AppController {}\n',
  'src/app.service.ts': 'export class AppService {}\n',
};

/**
 * The files of the page with the application of the examples, and those that an application begins
 * with.
 *
 * @param {readonly Block[]} blocks
 * @returns {Map<string, string>}
 */
export function exampleOf(blocks) {
  const files = new Map(Object.entries(MADE));
  for (const { page, file, code } of blocks) {
    if (page === EXAMPLE && file !== undefined) files.set(file, code);
  }
  return files;
}

/**
 * The files of an application in which each block of a page is compiled: a file of its name, or,
 * for a fragment, a copy of its file with the fragment in its place.
 *
 * @param {readonly Block[]} blocks of one page
 * @param {ReadonlyMap<string, string>} example the files of the example
 * @param {ReadonlyMap<string, string>} names from where an editor imports what a fragment uses
 * @returns {{ files: Map<string, string>, origins: Map<string, Block>, problems: string[] }}
 */
export function applicationOf(blocks, example, names) {
  const own = new Map(example);
  /** @type {Map<string, string>} */
  const files = new Map(example);
  /** @type {Map<string, Block>} */
  const origins = new Map();
  /** @type {string[]} */
  const problems = [];
  for (const block of blocks) {
    const { file, code, page, line } = block;
    const where = `${page}:${line}`;
    if (file === undefined) {
      problems.push(`${where} has no file name, and is no part of a file`);
      continue;
    }
    const before = own.get(file);
    if (block.isPart) {
      if (before === undefined) {
        problems.push(`${where} is a part of ${file}, which is not above it`);
        continue;
      }
      const name = file.replace(/\.ts$/, `.at-${line}.ts`);
      const whole =
        insert(before, code) ?? insert(example.get(file) ?? '', code);
      if (whole === undefined) {
        problems.push(`${where} has no place in ${file}`);
        continue;
      }
      files.set(name, withImports(whole, file, own, names));
      origins.set(name, block);
      continue;
    }
    // A later version of a file stands beside the one before.
    if (before !== undefined && origins.has(file)) {
      const name = file.replace(/\.ts$/, `.before-${line}.ts`);
      files.set(name, before);
      origins.set(name, /** @type {Block} */ (origins.get(file)));
    }
    own.set(file, code);
    files.set(file, code);
    origins.set(file, block);
  }
  return { files, origins, problems };
}

/**
 * Undefined if there is no place for the fragment.
 *
 * @param {string} whole
 * @param {string} fragment
 */
function insert(whole, fragment) {
  const imports = (fragment.match(IMPORT) ?? []).join('');
  const rest = fragment.replaceAll(IMPORT, '').trim();
  const module = /^(?<name>\w+Module)\.for/.exec(rest)?.groups?.['name'];
  if (module !== undefined) {
    const item = rest.replace(/;$/, '');
    const at = whole.indexOf(`${module}.for`);
    const list = /imports: \[/.exec(whole);
    if (at < 0) {
      if (!list) return;
      const after = list.index + list[0].length;
      return `${imports}${whole.slice(0, after)}${item}, ${whole.slice(after)}`;
    }
    const end = endOfCall(whole, at);
    return `${imports}${whole.slice(0, at)}${item}${whole.slice(end)}`;
  }
  if (!PLACE.test(whole)) return;
  return imports + whole.replace(PLACE, () => rest);
}

/**
 * @param {string} code
 * @param {number} from
 */
function endOfCall(code, from) {
  let depth = 0;
  for (let at = code.indexOf('(', from); at < code.length; at += 1) {
    if (code[at] === '(') depth += 1;
    if (code[at] === ')') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return code.length;
}

/**
 * With the imports that an editor adds.
 *
 * @param {string} code
 * @param {string} file
 * @param {ReadonlyMap<string, string>} files
 * @param {ReadonlyMap<string, string>} names
 */
function withImports(code, file, files, names) {
  const all = new Map(names);
  for (const [name, text] of files) {
    if (name === file) continue;
    for (const { groups } of text.matchAll(EXPORT)) {
      const { kind = '', name: symbol = '' } = groups ?? {};
      const isType = kind === 'interface' || kind === 'type';
      const path = `./${name.replace(/^src\//, '').replace(/ts$/, 'js')}`;
      all.set(`${isType ? 'type ' : ''}${symbol}`, path);
    }
  }
  const added = [...all].filter(([name]) => {
    const symbol = name.replace('type ', '');
    const isUsed = new RegExp(`(?<![\\w.'])${symbol}\\b(?!:)`).test(code);
    const isThere = new RegExp(
      `(?:class|interface|function|const|let|type) ${symbol}\\b|^import [^]*?\\b${symbol}\\b[^]*? from '`,
      'm',
    );
    return isUsed && !isThere.test(code);
  });
  return (
    added
      .map(([name, from]) => `import { ${name} } from '${from}';\n`)
      .join('') + code
  );
}

/**
 * What an editor finds in the packages: the public symbols of this one, and of NestJS.
 *
 * @returns {Promise<Map<string, string>>}
 */
export async function namesInPackages() {
  /** @type {Map<string, string>} */
  const names = new Map();
  const testing = '@nestjs/testing';
  for (const name of ['Body', 'Controller', 'Injectable', 'Module', 'Post']) {
    names.set(name, '@nestjs/common');
  }
  names.set('NestFactory', '@nestjs/core').set('Test', testing);
  const reference = await readFile(join(root, 'docs/reference/api.md'), 'utf8');
  let entryPoint = '';
  for (const { groups } of reference.matchAll(
    /^\*\*\[`(?<entry>[\w/-]+)`\].*|^- \[`(?<name>\w+)`\]\(#[\w-]+\) \((?<kinds>[\w, ]+)\)/gm,
  )) {
    const { entry, name = '', kinds = '' } = groups ?? {};
    if (entry !== undefined) {
      entryPoint = entry;
      continue;
    }
    const isType = kinds
      .split(', ')
      .every((kind) => kind === 'interface' || kind === 'type');
    if (!names.has(name))
      names.set(`${isType ? 'type ' : ''}${name}`, entryPoint);
  }
  return names;
}
