import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = process.cwd();
const BUILDS = join(root, 'test', 'process', '.build');

/** The projects of applications that run in processes of their own. */
const PROJECT = join(root, 'test', 'process', 'apps');

/** The compiled file of an application, given its source below `test`. */
export function compiledApp(source: string): string {
  return join(folderOfRun(), 'test', source.replace(/\.ts$/, '.js'));
}

/**
 * Compiles the applications together with the library as it is now: once in a run of the
 * tests, by the first that needs them.
 */
export async function compileApps(): Promise<void> {
  const folder = folderOfRun();
  const result = join(folder, 'result');
  if (claims(folder)) writeFileSync(result, await compile(folder));
  while (!existsSync(result) || readFileSync(result, 'utf8') === '') {
    await setTimeout(50);
  }
  const report = readFileSync(result, 'utf8');
  if (report !== DONE) {
    throw new Error(`The applications do not compile.\n${report}`);
  }
}

const DONE = 'done';

async function compile(folder: string): Promise<string> {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [tsc, '-p', PROJECT, '--outDir', folder, '--pretty', 'false'];
  try {
    await run(process.execPath, args);
    return DONE;
  } catch (error) {
    const { stdout } = error as { stdout: string };
    return stdout || String(error);
  }
}

/** Whether this process is the first one: only one can make the folder. */
function claims(folder: string): boolean {
  mkdirSync(BUILDS, { recursive: true });
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function folderOfRun(): string {
  const id = process.env['TEST_RUN_ID'];
  if (!id) throw new Error('The global setup of Jest has not run.');
  return join(BUILDS, id);
}
