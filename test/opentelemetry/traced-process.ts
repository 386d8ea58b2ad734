import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { compiledApp } from '../support/compiled-apps.js';
import type {
  TracedLine,
  TracedSettings,
  TracedSpan,
} from './apps/traced-line.js';

/** An application that is traced, in a process of its own. */
export class TracedProcess {
  readonly spans: TracedSpan[] = [];
  url = '';
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #changed = () => {};
  #hasEnded = false;

  private constructor(settings: TracedSettings) {
    this.#process = spawn(
      process.execPath,
      [
        compiledApp('opentelemetry/apps/traced-app.ts'),
        JSON.stringify(settings),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    this.#ended = once(this.#process, 'close').then(() => {
      this.#hasEnded = true;
      this.#changed();
    });
    if (!this.#process.stdout) throw new Error('It has no output.');
    createInterface(this.#process.stdout).on('line', (text) => {
      const line = JSON.parse(text) as TracedLine;
      if ('url' in line) this.url = line.url;
      else this.spans.push(line);
      this.#changed();
    });
  }

  static async start(settings: TracedSettings): Promise<TracedProcess> {
    const started = new TracedProcess(settings);
    await started.#until(() => started.url !== '');
    return started;
  }

  /** The spans of that name, when there are as many. */
  async spansOf(name: string, count = 1): Promise<TracedSpan[]> {
    const found = () => this.spans.filter((span) => span.name === name);
    await this.#until(() => found().length >= count);
    return found();
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGTERM');
    await this.#ended;
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.#hasEnded) throw new Error('The process has ended.');
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }
}
