import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PackedPackage, REPOSITORY } from './support/packed-package.js';
import { run } from './support/run.js';

let packed: PackedPackage;
beforeAll(async () => {
  packed = await PackedPackage.pack();
});
afterAll(() => packed.remove());

/** Where in `lib` a file of the build has been compiled from. */
function sourceOf(path: string): string | undefined {
  const stem = /^dist\/(?:cjs\/)?(.+?)(?:\.cjs)?(?:\.js|\.js\.map|\.d\.ts)$/;
  const [, name] = stem.exec(path) ?? [];
  const candidates = [`lib/${name}.ts`, `lib/${name}.js`];
  return candidates.find((file) => existsSync(join(REPOSITORY, file)));
}

describe('the packed package', () => {
  it('holds the build, its licence and what to read, and nothing else', () => {
    const rest = packed.files.filter((path) => !sourceOf(path));
    expect(rest.sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist/cjs/package.json',
      'package.json',
    ]);
  });

  it('can be imported by the name of every folder of lib with an index', async () => {
    const lib = await readdir(join(REPOSITORY, 'lib'), { recursive: true });
    const folders = lib
      .filter((file) => basename(file) === 'index.ts')
      .map((file) => join('nestjs-tasks', dirname(file)));
    expect(folders.sort()).toEqual(
      packed.entryPoints.map(({ name }) => name).sort(),
    );
  });

  it('is what type checkers and bundlers expect of it', async () => {
    const bin = (name: string) => join(REPOSITORY, 'node_modules/.bin', name);
    await run(bin('attw'), [packed.tarball], REPOSITORY);
    await run(bin('publint'), ['run', packed.tarball, '--strict'], REPOSITORY);
  });

  it('resolves every entry point in the same way', () => {
    const { exports } = packed.manifest;
    for (const { name } of packed.entryPoints) {
      const path = name.replace('nestjs-tasks', '.');
      const file = path === '.' ? 'index' : `${path.slice(2)}/index`;
      expect([path, exports[path]]).toEqual([
        path,
        {
          'module-sync': `./dist/${file}.js`,
          module: `./dist/${file}.js`,
          require: {
            types: `./dist/cjs/${file}.d.ts`,
            default: `./dist/cjs/${file}.js`,
          },
          default: {
            types: `./dist/${file}.d.ts`,
            default: `./dist/${file}.js`,
          },
        },
      ]);
    }
  });
});

describe('what the package asks for', () => {
  it('is no package of its own', () => {
    expect(packed.manifest).not.toHaveProperty('dependencies');
    expect(packed.manifest).not.toHaveProperty('optionalDependencies');
  });

  it('is peers only', () => {
    const peers = Object.keys(packed.manifest.peerDependencies);
    for (const { name, imports, requires } of packed.entryPoints) {
      const all = [imports, requires].flatMap(({ atOnce, later }) => [
        ...atOnce,
        ...later,
      ]);
      const strange = all.filter(
        (specifier) =>
          !isBuiltin(specifier) &&
          !peers.some(
            (peer) => specifier === peer || specifier.startsWith(`${peer}/`),
          ),
      );
      expect([name, all.length > 0, strange]).toEqual([name, true, []]);
    }
  });

  it('is the same in both formats', () => {
    for (const { name, imports, requires } of packed.entryPoints) {
      expect([name, requires]).toEqual([name, imports]);
    }
  });

  it.each(['nestjs-tasks', 'nestjs-tasks/testing'])(
    'is no optional peer for %s, at once or later',
    (name) => {
      const entryPoint = packed.entryPoints.find((one) => one.name === name);
      const { atOnce, later } = entryPoint!.imports;
      expect(atOnce).toContain('@nestjs/common');
      const optional = new Set(packed.optionalPeers);
      expect(optional.size).toBeGreaterThan(0);
      expect([...atOnce, ...later].filter((one) => optional.has(one))).toEqual(
        [],
      );
    },
  );
});

describe('source maps', () => {
  it('hold the source of every file', async () => {
    const scripts = packed.files.filter((path) => path.endsWith('.js'));
    expect(scripts.length).toBeGreaterThan(100);
    for (const script of scripts) {
      const file = join(packed.folder, script);
      const code = await readFile(file, 'utf8');
      const [, name] = /\n\/\/# sourceMappingURL=(.+)$/.exec(code.trim()) ?? [];
      const map = JSON.parse(
        await readFile(join(dirname(file), String(name)), 'utf8'),
      ) as { sources: string[]; sourcesContent?: string[] };
      const source = join(dirname(script), String(map.sources[0]));
      const text = await readFile(join(REPOSITORY, source), 'utf8');
      // One source: nothing has been bundled, so entry points share what they use.
      const isWhole = map.sources.length === 1;
      const isSame = map.sourcesContent?.[0] === text;
      expect([script, isWhole, isSame]).toEqual([script, true, true]);
    }
  });

  it.each([
    ['ES modules', 'dist/index.js'],
    ['CommonJS', 'dist/cjs/index.js'],
  ])('lead stack traces of %s to the sources', async (_format, file) => {
    const script = `
      import { TasksModule } from './${file}';
      try {
        TasksModule.forRoot({ concurrency: -1 });
      } catch (error) {
        console.log(error.stack);
      }`;
    const flags = ['--enable-source-maps', '--input-type=module'];
    const stack = await run(
      process.execPath,
      [...flags, '--eval', script],
      REPOSITORY,
    );
    expect(stack).toMatch(/\/lib\/core\/[\w-]+\.ts:\d+:\d+/);
    expect(stack).not.toMatch(/dist\/(?:cjs\/)?(?:core|nest)/);
  });
});
