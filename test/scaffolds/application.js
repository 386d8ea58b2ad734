import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';

const PATIENCE_MS = 90_000;

/** What a page has started and left running in a terminal of its own. */
export class Application {
  /** All that it has printed so far. */
  output = '';
  #child;
  #exited;

  /**
   * @param {string} command
   * @param {string} cwd
   * @param {NodeJS.ProcessEnv} env
   */
  constructor(command, cwd, env) {
    // In a group of its own: Ctrl+C in a terminal signals all processes of the group.
    this.#child = spawn('sh', ['-c', command], { cwd, env, detached: true });
    this.#exited = once(this.#child, 'close');
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        this.output += stripVTControlCharacters(text);
        this.#child.emit('printed');
      });
    }
  }

  /**
   * @param {(output: string) => boolean} test
   * @param {string} what
   */
  async until(test, what) {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    while (!test(this.output)) {
      const isOver = await Promise.race([
        once(this.#child, 'printed', { signal }).then(() => false),
        this.#exited.then(() => true),
      ]).catch(() => true);
      if (isOver && !test(this.output)) {
        throw new Error(
          `Not seen: ${what}\nThe application printed:\n${this.output}`,
        );
      }
    }
  }

  /**
   * Resolves when the process has ended.
   *
   * @param {NodeJS.Signals} signal
   */
  async end(signal) {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid !== undefined && exitCode === null && signalCode === null) {
      process.kill(-pid, signal);
    }
    await this.#exited;
  }
}
