import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { compiledApp } from '../../support/compiled-apps.js';
import type { WorkerReport } from '../apps/worker-report.js';
import type { WorkerSettings } from '../apps/worker-settings.js';

const started: WorkerProcess[] = [];

/** A worker in a process of its own, which may be killed. */
export class WorkerProcess {
  readonly reports: WorkerReport[] = [];
  readonly #process: ChildProcess;
  readonly #exit: Promise<unknown>;
  #listeners: (() => void)[] = [];
  #hasEnded = false;

  private constructor(settings: WorkerSettings) {
    this.#process = spawn(
      process.execPath,
      [compiledApp('engines/apps/worker-app.ts'), JSON.stringify(settings)],
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

  static async start(settings: WorkerSettings): Promise<WorkerProcess> {
    const worker = new WorkerProcess(settings);
    await worker.until(({ is }) => is === 'up');
    return worker;
  }

  static async killAll(): Promise<void> {
    await Promise.all(started.splice(0).map((worker) => worker.kill()));
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

  /** It does nothing until it is continued, as in a paused virtual machine. */
  suspend(): void {
    this.#process.kill('SIGSTOP');
  }

  continue(): void {
    this.#process.kill('SIGCONT');
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
