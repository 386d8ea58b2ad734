// Plain JavaScript: it runs before anything has been compiled.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, posix, resolve } from 'node:path';

// Builds `dist`: ES modules in it; CommonJS and the declarations, of which there is
// one copy, in `dist/cjs`. docs/decisions/0005 says why.

const folder = resolve(import.meta.dirname, '../..');
const dist = join(folder, 'dist');
// Beside `dist`, so that the paths in the source maps hold when it takes its place.
const output = join(folder, `.build-${process.pid}`);
const cjs = join(output, 'cjs');

/**
 * Runs the compiler; it says itself what is wrong.
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

/** What was compiled from x.cjs.ts is x in the CommonJS build, where x.ts is left out. */
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
 * For `import` the declarations are those of the CommonJS build, under another name.
 * A second copy would declare each private member again, and the compiler would take
 * the two for different classes.
 *
 * @param {string} types
 */
async function declareAgain(types) {
  const root = posix.relative(posix.dirname(types), '.') || '.';
  const original = `${root}/cjs/${types.replace(/\.d\.ts$/, '.js')}`;
  await writeFile(join(output, types), `export * from '${original}';\n`);
}

try {
  await mkdir(output);
  await compile('-p', 'tsconfig.build.json', '--outDir', output);
  await compile('-p', 'tsconfig.build.cjs.json', '--outDir', cjs);
  await nameTwins();
  await writeFile(
    join(cjs, 'package.json'),
    '{ "type": "commonjs", "sideEffects": false }\n',
  );
  await Promise.all((await importedTypes()).map(declareAgain));
  // Only now: a build that fails changes nothing, and none keeps a file without a source.
  await rm(dist, { recursive: true, force: true });
  await rename(output, dist);
} finally {
  await rm(output, { recursive: true, force: true });
}
