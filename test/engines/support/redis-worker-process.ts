import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { BullmqEngineOptions } from 'nestjs-tasks/bullmq';
import type { WorkerReport } from './redis-worker/worker-report.js';

const run = promisify(execFile);
const root = process.cwd();
const source = join('test', 'engines', 'support', 'redis-worker');
/** One for each worker of Jest, so that none disturbs another. */
const folder = join(root, 'test/process/.build', `bullmq-${process.pid}`);

const started: WorkerProcess[] = [];

/** A worker in a process of its own, which may be killed. */
export class WorkerProcess {
  readonly reports: WorkerReport[] = [];
  readonly #process: ChildProcess;
  readonly #exit: Promise<unknown>;
  #listeners: (() => void)[] = [];
  #hasEnded = false;

  private constructor(options: BullmqEngineOptions) {
    this.#process = spawn(
      process.execPath,
      [join(folder, source, 'worker-app.js'), JSON.stringify(options)],
      { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
    );
    started.push(this);
    this.#exit = once(this.#process, 'close').then(() => {
      this.#hasEnded = true;
      this.#changed();
    });
    if (!this.#process.stdout) throw new Error('It has no output.');
    createInterface(this.#process.stdout).on('line', (line) => {
      this.reports.push(JSON.parse(line) as WorkerReport);
      this.#changed();
    });
  }

  static async build(): Promise<void> {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const args = [tsc, '-p', join(root, source), '--outDir', folder];
    try {
      await run(process.execPath, args);
    } catch (error) {
      const { stdout } = error as { stdout: string };
      throw new Error(`The worker does not compile.\n${stdout}`, {
        cause: error,
      });
    }
  }

  static async start(options: BullmqEngineOptions): Promise<WorkerProcess> {
    const worker = new WorkerProcess(options);
    await worker.until(({ is }) => is === 'up');
    return worker;
  }

  static async killAll(): Promise<void> {
    await Promise.all(started.splice(0).map((worker) => worker.kill()));
  }

  static async removeBuild(): Promise<void> {
    await rm(folder, { recursive: true, force: true });
  }

  /** The first report of which it is true. */
  async until(isIt: (report: WorkerReport) => boolean): Promise<WorkerReport> {
    for (;;) {
      const found = this.reports.find(isIt);
      if (found) return found;
      if (this.#hasEnded) {
        throw new Error(`It has ended after ${JSON.stringify(this.reports)}.`);
      }
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
    }
  }

  began(what: string): Promise<WorkerReport> {
    return this.until(
      (report) => report.is === 'began' && report.what === what,
    );
  }

  ended(what: string): Promise<WorkerReport> {
    return this.until(
      (report) => report.is === 'ended' && report.what === what,
    );
  }

  openGate(): void {
    this.#process.send('open');
  }

  terminate(): void {
    this.#process.kill('SIGTERM');
  }

  async exited(): Promise<void> {
    await this.#exit;
  }

  async kill(): Promise<void> {
    if (this.#hasEnded) return;
    this.#process.kill('SIGKILL');
    await this.#exit;
  }

  #changed(): void {
    for (const tell of this.#listeners.splice(0)) tell();
  }
}
