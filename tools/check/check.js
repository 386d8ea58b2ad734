// Everything that must hold before a change lands, one npm script after the other.
// Says at its end what ran and how long it took. Names of scripts choose among them:
// `npm run check -- build test`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile } from 'node:fs/promises';
import { resolve } from 'node:path';

/**
 * What each script is there for.
 *
 * @type {readonly (readonly [script: string, purpose: string])[]}
 */
const STEPS = [
  ['lint', 'types, lint and format'],
  ['build', 'ES modules, CommonJS and declarations'],
  ['docs:check', 'the API reference is what the declarations say'],
  ['test', 'tests and examples: NestJS 12, Express and Fastify'],
  ['test:nest11', 'tests: NestJS 11, Express and Fastify'],
  ['test:package', 'the tarball in projects of NestJS 11 and 12'],
  ['test:runners', 'the testing guide: Jest, node:test and Vitest'],
  ['demo -- all', 'the samples'],
  ['crash -- 200', 'nothing is lost when processes and stores are killed'],
  ['bench -- --quick', 'the benchmarks run'],
];

/** @param {string} script */
async function run(script) {
  process.stdout.write(`\n== ${script}\n`);
  const npm = spawn('npm', ['run', '--silent', ...script.split(' ')], {
    cwd: resolve(import.meta.dirname, '../..'),
    stdio: 'inherit',
  });
  const [code] = await once(npm, 'exit');
  return code === 0;
}

const nameOf = (/** @type {string} */ script) => script.split(' ', 1).join('');
const names = STEPS.map(([script]) => nameOf(script));
const chosen = process.argv.length > 2 ? process.argv.slice(2) : names;
// A slip of the pen must not make a check of nothing.
const unknown = chosen.filter((name) => !names.includes(name));
if (unknown.length > 0) throw new Error(`No such step: ${unknown.join(', ')}`);
const steps = STEPS.filter(([script]) => chosen.includes(nameOf(script)));

let failed = '';
const lines = [];
for (const [script, purpose] of steps) {
  const label = `${script.padEnd(16)} ${purpose}`;
  if (failed) {
    lines.push(`   not run   ${label}`);
    continue;
  }
  const startedAt = performance.now();
  if (!(await run(script))) failed = script;
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const end = failed ? 'FAILED' : 'passed';
  lines.push(`${String(seconds).padStart(5)} s  ${end}  ${label}`);
}

const title = `Node.js ${process.version}: ${failed ? `${failed} failed` : 'all passed'}`;
const report = `\n${title}\n${lines.join('\n')}\n`;
process.stdout.write(report);
// For whoever runs this more than once.
const file = process.env['CHECK_REPORT'];
if (file) await appendFile(file, report);
process.exitCode = failed ? 1 : 0;
