// Plain JavaScript: it runs before anything has been compiled.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cp,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, posix, resolve } from 'node:path';
import { buildPage } from './page.js';

// Builds `dist`: the ES modules in it, and CommonJS and the only copy of the declarations
// in `dist/cjs`. docs/decisions/0005 explains why.

// `npm run check` builds once for all the scripts that begin with a build.
if (process.env['CHECK_READY']?.split(',').includes('dist')) process.exit();

const folder = resolve(import.meta.dirname, '../..');
const dist = join(folder, 'dist');
// Beside `dist`, so that the paths in the source maps stay valid when it replaces `dist`.
const output = join(folder, `.build-${process.pid}`);
const cjs = join(output, 'cjs');

/**
 * Runs the compiler, which prints its own errors.
 *
 * @param {...string} args
 */
async function compile(...args) {
  const { resolve: find } = createRequire(import.meta.url);
  const tsc = join(dirname(find('typescript/package.json')), 'bin/tsc');
  const compiler = spawn(process.execPath, [tsc, ...args], {
    cwd: folder,
    stdio: 'inherit',
  });
  const [code] = await once(compiler, 'exit');
  if (code !== 0) throw new Error(`tsc ${args.join(' ')} ended with ${code}.`);
}

/** The output of x.cjs.ts is named x in the CommonJS build, which leaves x.ts out. */
async function nameTwins() {
  for (const file of await readdir(cjs, { recursive: true })) {
    const name = file.replace(/\.cjs(\.js|\.d\.ts)$/, '$1');
    if (name !== file) await rename(join(cjs, file), join(cjs, name));
  }
}

/** The declarations that `import` finds, for each entry point, with their path in `dist`. */
async function importedTypes() {
  const text = await readFile(join(folder, 'package.json'), 'utf8');
  /** @type {{ exports: Record<string, string | { default: { types: string } }> }} */
  const manifest = JSON.parse(text);
  return Object.values(manifest.exports)
    .filter((target) => typeof target === 'object')
    .map((target) => posix.relative('dist', target.default.types));
}

/**
 * For `import`, the declarations re-export those of the CommonJS build. A second copy
 * would declare each private member again, and the compiler would treat the two as
 * different classes.
 *
 * @param {string} types
 */
async function declareAgain(types) {
  const root = posix.relative(posix.dirname(types), '.') || '.';
  const original = `${root}/cjs/${types.replace(/\.d\.ts$/, '.js')}`;
  await writeFile(join(output, types), `export * from '${original}';\n`);
}

/**
 * devalue consists of ES modules only, which Jest cannot load in CommonJS. So its sources
 * are a part of both builds, and nobody has to install it.
 */
async function includeDevalue() {
  const { resolve: find } = createRequire(import.meta.url);
  const sources = dirname(find('devalue'));
  for (const build of [output, cjs]) {
    const target = join(build, 'vendor/devalue');
    await mkdir(target, { recursive: true });
    await cp(join(sources, '../LICENSE'), join(target, 'LICENSE'));
    const user = join(build, 'engine-kit/argument-codec.js');
    const code = await readFile(user, 'utf8');
    const own = code.replace(
      /(["'])devalue\1/,
      '$1../vendor/devalue/index.js$1',
    );
    if (own === code) throw new Error(`${user} does not import devalue.`);
    await writeFile(user, own);
  }
  // A copy: the compiler emits nothing for what is in `node_modules`.
  const copy = join(output, 'devalue');
  await mkdir(copy);
  for (const file of await readdir(sources)) {
    const isCode = /^[\w-]+\.js$/.test(file);
    if (isCode) await cp(join(sources, file), join(copy, file));
  }
  for (const [build, format] of [
    [output, 'es2022'],
    [cjs, 'commonjs'],
  ]) {
    await compile(
      ...'--ignoreConfig --allowJs --removeComments --target es2022'.split(' '),
      ...`--types node --moduleResolution bundler --module ${format}`.split(
        ' ',
      ),
      '--outDir',
      join(String(build), 'vendor/devalue'),
      join(copy, 'index.js'),
    );
  }
  await rm(copy, { recursive: true });
}

try {
  await mkdir(output);
  await compile('-p', 'tsconfig.build.json', '--outDir', output);
  // The same sources again: their types have been checked, and lint checks those that are its own.
  await compile('-p', 'tsconfig.build.cjs.json', '--noCheck', '--outDir', cjs);
  await nameTwins();
  await buildPage(join(output, 'dashboard/page.html'));
  await includeDevalue();
  await writeFile(
    join(cjs, 'package.json'),
    '{ "type": "commonjs", "sideEffects": false }\n',
  );
  await Promise.all((await importedTypes()).map(declareAgain));
  // Last, so that a failed build changes nothing; the old `dist` may hold stale files.
  await rm(dist, { recursive: true, force: true });
  await rename(output, dist);
} finally {
  await rm(output, { recursive: true, force: true });
}
