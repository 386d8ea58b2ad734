// Runs the examples of docs/guides/testing.md, each with its own test runner, against what `npm run build` made.
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const examples = join(here, 'dist');
const bin = (/** @type {string[]} */ ...path) =>
  join(root, 'node_modules', ...path);

/** The blocks that begin with the name of a file. */
function writeExamples() {
  const guide = readFileSync(join(root, 'docs/guides/testing.md'), 'utf8');
  const found = [
    ...guide.matchAll(/^```\w+\n\/\/ (\S+\.test\.ts)\n([^]*?)^```$/gm),
  ];
  rmSync(examples, { recursive: true, force: true });
  mkdirSync(examples);
  for (const [, name = '', code = ''] of found) {
    writeFileSync(join(examples, name), code);
  }
  return found.map(([, name = '']) => name);
}

/** As if the package were installed here. */
function linkPackage() {
  const link = join(here, 'node_modules', 'nestjs-tasks');
  rmSync(link, { force: true });
  symlinkSync(root, link, 'junction');
}

/**
 * @param {string} what
 * @param {string[]} args
 */
function run(what, args) {
  process.stdout.write(`\n${what}\n`);
  const { status } = spawnSync(process.execPath, args, {
    cwd: here,
    stdio: 'inherit',
  });
  if (status !== 0) {
    process.stderr.write(`${what}: failed\n`);
    process.exit(1);
  }
}

const names = writeExamples();
linkPackage();
if (names.length !== 3)
  throw new Error(`The guide has ${names.length} examples, not 3.`);

run('The compiler', [bin('typescript', 'bin', 'tsc'), '-p', here]);
run('Jest', [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  bin('jest', 'bin', 'jest.js'),
  '--rootDir=dist',
  '--testMatch=**/*.jest.test.js',
  '--transform={}',
]);
run('node:test', ['--test', 'dist/refund.node.test.js']);
run('Vitest', [
  join(here, 'node_modules/vitest/vitest.mjs'),
  'run',
  '--config',
  'vitest.config.js',
]);
