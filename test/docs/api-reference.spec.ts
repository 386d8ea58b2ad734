import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as library from 'nestjs-tasks';
import * as inProcess from 'nestjs-tasks/in-process';
import * as testing from 'nestjs-tasks/testing';
import * as threads from 'nestjs-tasks/threads';

// Each test runs a compiler in a process of its own.
jest.setTimeout(60_000);

const run = promisify(execFile);
const root = process.cwd();
const build = join(root, 'tools', '.build', String(process.pid));
const folder = join(build, 'package');
const page = join('docs', 'reference', 'api.md');

/** Runs the tool in a package with these declarations, and returns its errors. */
async function reference(
  files: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<string> {
  const entries = Object.keys(files).filter((name) => name.endsWith('.d.ts'));
  const manifest = {
    name: 'toolbox',
    type: 'module',
    exports: Object.fromEntries(
      entries
        .filter((name) => !name.includes('/'))
        .map((name) => [
          name === 'index.d.ts' ? '.' : `./${name.replace('.d.ts', '')}`,
          { import: { types: `./dist/${name}` } },
        ]),
    ),
  };
  await write('package.json', JSON.stringify(manifest));
  for (const [name, text] of Object.entries(files)) {
    await write(name.endsWith('.d.ts') ? `dist/${name}` : name, text);
  }
  return runTool(...args);
}

async function runTool(...args: string[]): Promise<string> {
  const main = join(build, 'api-reference', 'main.js');
  return run(process.execPath, [main, ...args, folder]).then(
    ({ stdout }) => stdout,
    ({ stderr }: { stderr: string }) => stderr,
  );
}

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), text);
}

const written = () => readFile(join(folder, page), 'utf8');

beforeAll(async () => {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const project = join(root, 'tools', 'api-reference');
  await run(process.execPath, [
    tsc,
    '-p',
    project,
    '--outDir',
    join(build, 'api-reference'),
  ]);
  await write(page, '');
});

afterAll(() => rm(build, { recursive: true, force: true }));

describe('the API reference', () => {
  it('shows a decorator and an interface of one name, each with its text', async () => {
    const complaints = await reference({
      'index.d.ts': `
        /** Declares a tool. @publicApi */
        export declare function Tool(name?: string): MethodDecorator;
        /** A declared tool. @publicApi */
        export interface Tool {
          /** Unique. */
          readonly id: string;
        }`,
    });

    expect(complaints).toBe('');
    const text = await written();
    expect(text.match(/^### `Tool`$/gm)).toHaveLength(1);
    expect(text).toMatch(
      /_Decorator_[^]+Tool\(name\?: string\)[^]+Declares a tool\.[^]+_Interface_[^]+interface Tool[^]+A declared tool\.[^]+`Tool`: `id`[^]+Unique\./,
    );
  });

  it('shows parameters, errors, defaults and examples', async () => {
    await reference({
      'index.d.ts': `
        /** It failed. @publicApi */
        export declare class ToolError extends Error {}
        /**
         * Uses a tool, see {@link ToolError}.
         *
         * @param name of the tool
         * @throws ToolError when it is broken
         * @example
         * \`\`\`ts
         * use('hammer');
         * \`\`\`
         * @publicApi
         */
        export declare function use(name: string): void;
        /** Options. @publicApi */
        export interface Options {
          /**
           * How often.
           *
           * @default 3
           */
          times?: number | undefined;
        }`,
    });

    const text = await written();
    expect(text).toContain('- `name`: of the tool');
    expect(text).toContain('see [`ToolError`](#toolerror).');
    expect(text).toContain('- Throws [`ToolError`](#toolerror) when it is');
    expect(text).toContain("```ts\nuse('hammer');\n```");
    expect(text).toContain('- Default: `3`');
  });

  it('leaves out what is internal or private', async () => {
    const complaints = await reference({
      'index.d.ts': `
        /** Secret. @internal */
        export declare class Hidden {}
        /** A box. @publicApi */
        export declare class Box {
          #private;
          private readonly contents;
          /** @internal */
          constructor(hidden: Hidden);
          /** Opens it. */
          open(): void;
        }`,
    });

    expect(complaints).toBe('');
    const text = await written();
    expect(text).toContain('`Box`: `open()`');
    expect(text).not.toMatch(/Hidden|contents|#private|constructor/);
  });

  it('shows the members of an unexported base as those of its subtype', async () => {
    const complaints = await reference({
      'index.d.ts': `
        export { Saw } from './tools/saw.js';
        export type { Tool } from './tools/tool.js';`,
      'tools/tool.d.ts': `
        /** A tool. @publicApi */
        export interface Tool {
          /** Begins. */
          start(): void;
          /** Ends. */
          stop(): void;
        }
        /** Has a blade. */
        export interface Bladed extends Tool {
          /** How sharp. */
          sharpness: number;
        }`,
      'tools/saw.d.ts': `
        import type { Bladed } from './tool.js';
        /** A saw. @publicApi */
        export interface Saw extends Bladed {
          /** Begins gently. */
          start(): void;
        }`,
    });

    expect(complaints).toBe('');
    const text = await written();
    expect(text).toContain('interface Saw extends Tool');
    expect(text).toContain('- from [`Tool`](#tool): [`stop()`](#tool-stop)');
    expect(text).toMatch(/`Saw`: `sharpness`[^]+`Saw`: `start\(\)`/);
    expect(text).not.toContain('Bladed');
  });

  it('takes the text of a method from the interface that its class implements', async () => {
    await reference({
      'index.d.ts': `
        /** A tool. @publicApi */
        export interface Tool {
          /**
           * Begins.
           *
           * @throws Error without power
           */
          start(): void;
        }
        /** A drill. @publicApi */
        export declare class Drill implements Tool {
          /** @throws Error without a bit */
          start(): void;
        }`,
    });

    expect(await written()).toMatch(
      /`Drill`: `start\(\)`[^]+Begins\.\n\n- Throws Error without power\n- Throws Error without a bit/,
    );
  });

  it('describes types that are named but not exported, at the end', async () => {
    await reference({
      'index.d.ts': `
        export { pick } from './tools/pick.js';`,
      'tools/pick.d.ts': `
        /** What to look for. */
        export type Query = { deep: Depth };
        /** How far. */
        export type Depth = number;
        /** Picks one. @publicApi */
        export declare function pick(query: Query): void;`,
    });

    expect(await written()).toMatch(
      /### `pick`[^]+## Named, but not exported[^]+### `Depth`[^]+How far\.[^]+### `Query`/,
    );
  });

  it('shows which symbols several entry points export', async () => {
    const complaints = await reference({
      'index.d.ts': `
        /** A tool. @publicApi */
        export interface Tool {}`,
      'power.d.ts': `
        export type { Tool } from './index.js';
        /** A drill. @publicApi */
        export interface Drill extends Tool {}
        import type { Tool } from './index.js';`,
    });

    expect(complaints).toBe('');
    const text = await written();
    expect(text.match(/^### `Tool`$/gm)).toHaveLength(1);
    expect(text).toContain('Also exported by [`toolbox/power`](#toolboxpower)');
    expect(text).toContain('also exported by [`toolbox`](#toolbox)');
  });

  it('refuses missing and wrong documentation', async () => {
    const complaints = await reference({
      'index.d.ts': `
        export interface Bare {}
        /** A tool. @publicApi */
        export interface Tool { start(): void }
        /** See {@link Nothing}. @publicAPI */
        export type Typo = string;`,
    });

    expect(complaints.trim().split('\n')).toEqual([
      'The interface Bare is exported, but is not @publicApi.',
      'The type Typo is exported, but is not @publicApi.',
      'The interface Bare has no documentation.',
      'Tool.start() has no documentation.',
      expect.stringMatching(/^The type Typo has the tag @publicAPI, which is/),
      'The type Typo links to Nothing, which is not public.',
    ]);
  });

  it('refuses a class that is named but not exported', async () => {
    const complaints = await reference({
      'index.d.ts': `export { Box } from './tools/box.js';`,
      'tools/box.d.ts': `
        declare class Lock {}
        /** A box. @publicApi */
        export declare class Box { constructor(lock: Lock) }
        export {};`,
    });

    expect(complaints).toMatch(/^Box names the class Lock, which is not/);
  });

  it('refuses an export whose declaration was not emitted', async () => {
    const complaints = await reference({
      'index.d.ts': `export { Gone } from './tools/gone.js';`,
      'tools/gone.d.ts': `export {};`,
    });

    expect(complaints).toMatch(
      /^toolbox exports Gone, which has no declaration/,
    );
  });

  it('shows where the page is out of date, and suggests what to do', async () => {
    const files = {
      'index.d.ts': `
        /** A tool. @publicApi */
        export interface Tool {}`,
    };
    await reference(files);
    const current = await reference(files, '--check');
    const before = await written();
    const stale = await reference(
      {
        'index.d.ts': files['index.d.ts'].replace('A tool', 'Some tool'),
      },
      '--check',
    );

    expect(current).toBe('');
    expect(stale).toMatch(
      /api\.md does not match the declarations:\nline \d+\n- .*A tool\..*\n\+ .*Some tool\.[^]+npm run docs:api/,
    );
    expect(await written()).toBe(before);
  });

  it('asks for a build when there are no declarations', async () => {
    await reference({ 'index.d.ts': 'export {};' });
    await rm(join(folder, 'dist'), { recursive: true });

    expect(await runTool()).toMatch(/do not exist: .*Run `npm run build`/);
  });
});

describe('the page of this package', () => {
  it('has a heading for everything that can be imported', async () => {
    const text = await readFile(page, 'utf8');
    const names = [library, testing, threads, inProcess].flatMap((module) =>
      Object.keys(module),
    );

    expect(names.length).toBeGreaterThan(20);
    expect(
      names.filter((name) => !text.includes(`\n### \`${name}\`\n`)),
    ).toEqual([]);
  });

  it('has links that lead to headings', async () => {
    const text = await readFile(page, 'utf8');
    const uses = new Map<string, number>();
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(
      ([, heading = '']) => {
        const plain = heading
          .toLowerCase()
          .replaceAll(/[^\w\- ]/g, '')
          .replaceAll(' ', '-');
        const before = uses.get(plain) ?? 0;
        uses.set(plain, before + 1);
        // A repeated heading is numbered, as GitHub does.
        return before === 0 ? plain : `${plain}-${before}`;
      },
    );
    const links = [...text.matchAll(/\]\(#([^)]*)\)/g)].map(
      ([, to = '']) => to,
    );

    expect(new Set(headings).size).toBe(headings.length);
    expect(links.length).toBeGreaterThan(100);
    expect(links.filter((link) => !headings.includes(link))).toEqual([]);
  });
});
