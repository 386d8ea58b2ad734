import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = process.cwd();

/** One for each worker of Jest; our packages are found from there. */
const folder = join(root, 'node_modules', '.cache', `threads-${process.pid}`);

/** How an application ended, and what it told. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly reports: readonly Record<string, unknown>[];
  readonly stderr: string;
}

/** The applications of these tests, compiled together with the library. */
export const builtApps = {
  folder,

  async build(): Promise<void> {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const project = join(root, 'test', 'threads', 'apps');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
    const args = [tsc, '-p', project, '--outDir', folder, '--pretty', 'false'];
    try {
      await run(process.execPath, args);
    } catch (error) {
      const { stdout } = error as { stdout: string };
      throw new Error(`They do not compile.\n${stdout}`, { cause: error });
    }
  },

  async remove(): Promise<void> {
    await rm(folder, { recursive: true, force: true });
  },

  /** Runs one in a process of its own until it has ended. */
  async run(
    name: string,
    options: {
      readonly flags?: readonly string[];
      readonly args?: readonly string[];
      /** Where it was copied to. */
      readonly from?: string;
      readonly onReport?: (kill: (signal: NodeJS.Signals) => void) => void;
    } = {},
  ): Promise<Ended> {
    const { flags = [], args = [], from = folder, onReport } = options;
    const script = join(from, 'test', 'threads', 'apps', `${name}.js`);
    const child = spawn(process.execPath, [...flags, script, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const reports: Record<string, unknown>[] = [];
    let stderr = '';
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => (stderr += text));
    createInterface(child.stdout).on('line', (line) => {
      reports.push(JSON.parse(line) as Record<string, unknown>);
      onReport?.((signal) => child.kill(signal));
    });
    const [code, signal] = (await once(child, 'close')) as [
      number | null,
      NodeJS.Signals | null,
    ];
    return { code, signal, reports, stderr };
  },
};
