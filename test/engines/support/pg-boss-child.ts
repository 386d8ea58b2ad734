import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = process.cwd();
/** One for each worker of Jest, so that none disturbs another. */
const folder = join(root, 'test/process/.build', `engines-${process.pid}`);

export interface Said {
  readonly id?: string;
  readonly attempt?: number;
  readonly ready?: true;
  readonly error?: string;
  readonly warning?: string;
}

/** Compiles the worker together with the library as it is now. */
export async function buildWorker(): Promise<void> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const project = join(root, 'test/engines/apps');
  await run(process.execPath, [tsc, '-p', project, '--outDir', folder]);
}

export async function removeWorker(): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** A worker of pg-boss in a process of its own. */
export class WorkerChild {
  readonly said: Said[] = [];
  readonly #process: ChildProcess;
  #listeners: (() => void)[] = [];

  constructor(connectionString: string, schema: string) {
    const file = join(folder, 'test/engines/apps/pg-boss-worker.js');
    this.#process = spawn(process.execPath, [file, connectionString, schema], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (!this.#process.stdout) throw new Error('no output');
    createInterface(this.#process.stdout).on('line', (line) => {
      this.said.push(JSON.parse(line) as Said);
      for (const tell of this.#listeners.splice(0)) tell();
    });
  }

  /** What it says that is so: already, or next. */
  async until(isSo: (said: Said) => boolean): Promise<Said> {
    for (;;) {
      const found = this.said.find(isSo);
      if (found) return found;
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
    }
  }

  /** As the kernel does it: without a word. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }
}
