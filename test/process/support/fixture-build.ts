import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = process.cwd();

/** One for each worker of Jest, so that none disturbs another. */
const folder = join(root, 'test', 'process', '.build', String(process.pid));

/** Compiles the fixture applications together with the library as it is now. */
export async function buildFixtures(): Promise<void> {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const project = join(root, 'test', 'process', 'apps');
  const args = [tsc, '-p', project, '--outDir', folder, '--pretty', 'false'];
  try {
    await run(process.execPath, args);
  } catch (error) {
    const { stdout } = error as { stdout: string };
    throw new Error(`The fixtures do not compile.\n${stdout}`, {
      cause: error,
    });
  }
}

export async function removeFixtures(): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** The compiled file of a fixture application. */
export function fixture(name: string): string {
  return join(folder, 'test', 'process', 'apps', `${name}.js`);
}
