import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { PackedPackage, REPOSITORY } from './support/packed-package.js';
import { run } from './support/run.js';

let packed: PackedPackage;
beforeAll(async () => {
  packed = await PackedPackage.open();
});

/** What the build includes of devalue: its code and its licence. */
const VENDOR = /^dist\/(?:cjs\/)?vendor\/devalue\/(?:[\w-]+\.js|LICENSE)$/;

/** What there is to read. */
const DOCUMENTATION =
  /^(?:docs\/.*\.(?:md|png)|sample\/.*|bench\/.*README\.md)$/;

/** Where in `lib` a file of the build has been compiled from. */
function sourceOf(path: string): string | undefined {
  const stem = /^dist\/(?:cjs\/)?(.+?)(?:\.cjs)?(?:\.js|\.js\.map|\.d\.ts)$/;
  const [, name] = stem.exec(path) ?? [];
  const candidates = [`lib/${name}.ts`, `lib/${name}.js`];
  return candidates.find((file) => existsSync(join(REPOSITORY, file)));
}

describe('the packed package', () => {
  it('holds the build, its licence and what to read, and nothing else', () => {
    const rest = packed.files.filter(
      (path) =>
        !sourceOf(path) && !VENDOR.test(path) && !DOCUMENTATION.test(path),
    );
    expect(rest.sort()).toEqual([
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'dist/cjs/package.json',
      'dist/dashboard/page.html',
      'package.json',
    ]);
  });

  it('has documentation whose links lead to files that it holds', async () => {
    const pages = packed.files.filter((path) => path.endsWith('.md'));
    const targets = await Promise.all(
      pages.map(async (page) => {
        const text = await readFile(join(packed.folder, page), 'utf8');
        const links = text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g);
        return Array.from(links, ([, target = '']) => target)
          .filter((target) => !/^[a-z]+:/.test(target))
          .map((target) => join(dirname(page), target));
      }),
    );
    const found = targets.flat();
    expect(found.length).toBeGreaterThan(200);
    expect(
      found.filter((target) => !existsSync(join(packed.folder, target))),
    ).toEqual([]);
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

describe('the requirements of the package', () => {
  it('are not ordinary dependencies', () => {
    expect(packed.manifest).not.toHaveProperty('dependencies');
    expect(packed.manifest).not.toHaveProperty('optionalDependencies');
  });

  it('are peers only', () => {
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

  it('are the same in both formats', () => {
    for (const { name, imports, requires } of packed.entryPoints) {
      expect([name, requires]).toEqual([name, imports]);
    }
  });

  it.each(['nestjs-tasks', 'nestjs-tasks/testing'])(
    'do not include an optional peer for %s, but for the parser of cron expressions, later',
    (name) => {
      const entryPoint = packed.entryPoints.find((one) => one.name === name);
      const { atOnce, later } = entryPoint!.imports;
      expect(atOnce).toContain('@nestjs/common');
      const optional = new Set(packed.optionalPeers);
      expect(optional.size).toBeGreaterThan(0);
      expect([...atOnce].filter((one) => optional.has(one))).toEqual([]);
      // In a `try`, as bundlers want it of a package that may be missing.
      expect([...later].filter((one) => optional.has(one))).toEqual([
        'cron-parser',
      ]);
    },
  );
});

describe('source maps', () => {
  it('hold the source of every file', async () => {
    const scripts = packed.files.filter(
      (path) => path.endsWith('.js') && !VENDOR.test(path),
    );
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
    expect(stack).toMatch(/\/lib\/core\/\w+\/[\w-]+\.ts:\d+:\d+/);
    expect(stack).not.toMatch(/dist\/(?:cjs\/)?(?:core|nest)/);
  });
});
