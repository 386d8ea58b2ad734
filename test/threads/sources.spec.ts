import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { TaskInvalidOptionError } from 'nestjs-tasks';
import { inThread, TaskThreadError } from 'nestjs-tasks/threads';
import { closeApps } from '../support/create-app.js';
import type * as failing from './modules/failing.js';
import { createTasks } from './support/create-tasks.js';
import { Project } from './support/project.js';

// Threads and processes are slow to start on a machine that has much to do.
jest.setTimeout(60_000);

type Fn = (...args: unknown[]) => unknown;

const projects: Project[] = [];

async function project(
  files: Record<string, string>,
  packages?: readonly string[],
): Promise<Project> {
  const created = await Project.create(files, packages);
  projects.push(created);
  return created;
}

afterEach(async () => {
  await closeApps();
  await Promise.all(projects.splice(0).map((each) => each.remove()));
});

/** Syntax that stripping types does not handle: an enum, parameter properties, decorators. */
const FULL_TYPESCRIPT = `
  import 'reflect-metadata';
  export enum Unit { Pixel = 'px', Percent = '%' }
  const seen: string[] = [];
  const noted: MethodDecorator = (_target, key) => void seen.push(String(key));
  const marked: ClassDecorator = () => {};
  @marked
  export class Size {
    constructor(private readonly width: number, readonly unit: Unit = Unit.Pixel) {}
    @noted
    half(): Size { return new Size(this.width / 2, this.unit); }
    toString() {
      const types = Reflect.getMetadata('design:paramtypes', Size);
      return this.width + this.unit + seen.join() + types[0].name;
    }
  }
`;

describe('a thread of a project', () => {
  it('of CommonJS sources loads TypeScript as its compiler does', async () => {
    const { folder } = await project(
      {
        'package.json': '{}',
        'work.ts': `
          import { basename } from 'path';
          import { Size, type Unit } from './size';
          import texts from './texts';
          import { late } from './late.js';
          export async function work(width: number, unit?: Unit) {
            const { more } = await import('./more');
            return [String(new Size(width, unit).half()), texts.size, late(), more, basename(__dirname)];
          }`,
        'size.ts': FULL_TYPESCRIPT,
        'texts/index.ts': `export default { size: 'Size' as string };`,
        'late.ts': `export const late = (): string => 'late';`,
        'more.cts': `export const more: number = 1;`,
      },
      ['reflect-metadata'],
    );
    const work = inThread<Fn>(`${folder}/work.js`, 'work');

    expect(await work(640)).toEqual([
      '320pxhalfNumber',
      'Size',
      'late',
      1,
      folder.split('/').at(-1),
    ]);
  });

  it('of ES modules loads TypeScript as its compiler does', async () => {
    const created = await project(
      {
        'package.json': '{ "type": "module" }',
        'work.ts': `
          import { Size, type Unit } from './size.js';
          import texts from './texts.mjs';
          import { old } from './old.cjs';
          export async function work(width: number, unit?: Unit) {
            const { more } = await import('./more');
            return [String(new Size(width, unit).half()), texts.size, old, more, import.meta.url];
          }`,
        'size.ts': FULL_TYPESCRIPT,
        'texts.mts': `export default { size: 'Size' as string };`,
        'old.cjs': `exports.old = 'old';`,
        'more.tsx': `export const more: number = 1;`,
      },
      ['reflect-metadata'],
    );
    const work = inThread<Fn>(created.path('work.js'), 'work');

    expect(await work(640)).toEqual([
      '320pxhalfNumber',
      'Size',
      'old',
      1,
      pathToFileURL(created.path('work.ts')).href,
    ]);
  });

  it('loads a .tsx source', async () => {
    const created = await project({
      'package.json': '{ "type": "module" }',
      'work.tsx': `export const work = (value: number): number => value * 2;`,
    });

    expect(await inThread<Fn>(created.path('work.js'), 'work')(21)).toBe(42);
  });

  it('keeps the variables of a TypeScript module from call to call', async () => {
    const created = await project({
      'package.json': '{ "type": "module" }',
      'work.ts': `let calls: number = 0; export const work = () => (calls += 1);`,
    });
    const work = inThread<Fn>(created.path('work.js'), 'work');
    const { tasks } = await createTasks({ threads: { max: 1 } });
    const first = await tasks.schedule(work).settled();
    const second = await tasks.schedule(work).settled();

    expect([first, second]).toEqual([
      { status: 'succeeded', value: 1 },
      { status: 'succeeded', value: 2 },
    ]);
  });

  it('prefers the file that was named to its source', async () => {
    const created = await project({
      'package.json': '{ "type": "module" }',
      'work.js': `export const work = () => 'compiled';`,
      'work.ts': `export const work = (): string => 'source';`,
    });

    expect(await inThread<Fn>(created.path('work.js'), 'work')()).toBe(
      'compiled',
    );
    expect(await inThread<Fn>(created.path('work.ts'), 'work')()).toBe(
      'source',
    );
    expect(await inThread<Fn>(created.path('work'), 'work')()).toBe('source');
  });

  it.each([
    ['an ES module', 'work.mjs', `export default (a, b) => a + b;`],
    ['a CommonJS module', 'work.cjs', `module.exports = (a, b) => a + b;`],
    [
      'a compiled CommonJS module',
      'work.js',
      `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = (a, b) => a + b;`,
    ],
  ])('has the default export of %s', async (_what, file, text) => {
    const created = await project({ [file]: text });
    const url = pathToFileURL(created.path(file));

    expect(await inThread<Fn>(url)(1, 2)).toBe(3);
    expect(await inThread<Fn>(url.href)(1, 2)).toBe(3);
  });

  it('has exports of CommonJS that Node.js does not detect', async () => {
    const created = await project({
      'work.cjs': `const all = { add: (a, b) => a + b }; module.exports = Object.assign({}, all);`,
    });

    expect(await inThread<Fn>(created.path('work.cjs'), 'add')(1, 2)).toBe(3);
  });

  it('waits for the top-level await of an ES module', async () => {
    const created = await project({
      'work.mjs': `export const work = await Promise.resolve(() => 'awaited');`,
    });

    expect(await inThread<Fn>(created.path('work.mjs'), 'work')()).toBe(
      'awaited',
    );
  });
});

describe('a module that fails', () => {
  it.each([
    [
      'to be parsed',
      `export const work = ;`,
      /ParseError: .*Unexpected token/s,
    ],
    ['to be run', `throw new TypeError('at the start');`, /at the start/],
    ['to be linked', `import './nowhere.js';`, /Cannot find module/],
  ])('%s is named, with its error', async (_what, text, message) => {
    const created = await project({
      'package.json': '{ "type": "module" }',
      'work.ts': text,
    });
    const work = inThread<Fn>(created.path('work.js'), 'work');
    const error = await work().catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(TaskThreadError);
    expect((error as Error).message).toMatch(
      /^"work" failed on its thread: its module file:.*work\.ts cannot be loaded \(/,
    );
    expect(String((error as Error).cause)).toMatch(message);
  });

  it('to export the function says what it exports', async () => {
    const url = new URL('./modules/failing.js', import.meta.url);
    const missing = inThread<Fn>(url, 'createThumbnail');
    const noFunction = inThread<Fn>(url, 'noFunction');

    for (const call of [missing, noFunction]) {
      await expect(call()).rejects.toMatchObject({
        code: 'TASK_THREAD_FAILED',
        message: expect.stringMatching(
          /failing\.ts does not export that function; the functions that it exports: .*\bexit\b/,
        ),
      });
    }
  });
});

describe('inThread()', () => {
  const url = new URL('./modules/failing.js', import.meta.url);

  it('names the function after the export', () => {
    expect(inThread<typeof failing.exit>(url, 'exit').name).toBe('exit');
    expect(inThread<Fn>(url).name).toBe('default');
  });

  it.each<[string, unknown, unknown, RegExp]>([
    [
      'no URL',
      undefined,
      'work',
      /must be a file: URL or an absolute path, got undefined/,
    ],
    [
      'another kind of URL',
      new URL('http://a/b.js'),
      'work',
      /must be a file: URL/,
    ],
    [
      'a relative path',
      './work.js',
      'work',
      /absolute path, got '\.\/work\.js'/,
    ],
    ['a broken URL', 'file://%', 'work', /must be a file: URL/],
    ['a file elsewhere', 'file://a/b.js', 'work', /must be a file: URL/],
    ['a folder', import.meta.dirname, 'work', /found neither the module/],
    [
      'a file that is not there',
      new URL('./nowhere.js', import.meta.url),
      'work',
      /found neither the module .*nowhere\.js nor its TypeScript source/,
    ],
    [
      'an empty name',
      url,
      '',
      /export name given to inThread\(\) must be a non-empty string, got ''/,
    ],
    ['no name', url, null, /must be a non-empty string, got null/],
  ])('refuses %s at once', (_what, where, name, message) => {
    const refused = () => inThread<Fn>(where as URL, name as string);

    expect(refused).toThrow(TaskInvalidOptionError);
    expect(refused).toThrow(message);
  });
});
