import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, resolve } from 'node:path';
import { commandOf } from './steps.js';

/** @typedef {import('./steps.js').Step} Step */

/**
 * A Node.js that steps run on.
 *
 * @typedef {object} NodeVersion
 * @property {string} version
 * @property {string} folder where `node` is
 */

const ROOT = resolve(import.meta.dirname, '../..');

/** How long a step may take to end after SIGTERM. */
const PATIENCE_MS = 5_000;

/** A step on one Node.js. Its output is kept together, whatever else runs beside it. */
export class Job {
  /** @type {'not run' | 'running' | 'passed' | 'FAILED' | 'stopped'} */
  state = 'not run';
  seconds = 0;
  /** Resolves when it has ended, however that was. */
  ended = Promise.resolve();
  #output = '';
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #process;

  /**
   * @param {Step} step
   * @param {NodeVersion} node
   * @param {string} command
   */
  constructor(step, node, command = commandOf(step)) {
    this.step = step;
    this.node = node;
    this.command = command;
  }

  get title() {
    return `${this.step.name}, Node.js ${this.node.version}`;
  }

  get output() {
    return this.#output;
  }

  /** What Jest counted, for the report. */
  get summary() {
    return this.#output
      .split('\n')
      .filter((line) => /^(?:Test Suites|Tests): /.test(line));
  }

  /** @param {string} ready what the script need not make */
  start(ready) {
    this.state = 'running';
    this.#output = '';
    this.ended = this.#run(ready);
  }

  /** Ends it with all the processes that it has started. */
  stop() {
    if (this.state !== 'running') return;
    this.state = 'stopped';
    this.#signal('SIGTERM');
    setTimeout(() => this.#signal('SIGKILL'), PATIENCE_MS).unref();
  }

  /** @param {string} ready */
  async #run(ready) {
    const startedAt = performance.now();
    const [program = '', ...args] = this.command.split(' ');
    const child = spawn(program, args, {
      cwd: ROOT,
      env: {
        ...process.env,
        PATH: `${this.node.folder}${delimiter}${process.env['PATH']}`,
        CHECK_READY: ready,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Leads a process group, so that all of it can be ended.
      detached: true,
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => (this.#output += text));
    }
    // A process that it has left behind may hold the pipes.
    child.once('exit', () => {
      const release = () =>
        [child.stdout, child.stderr].map((s) => s.destroy());
      setTimeout(release, PATIENCE_MS).unref();
    });
    const [code] = await once(child, 'close');
    this.seconds = Math.round((performance.now() - startedAt) / 1_000);
    // A step that has been stopped did not fail by itself.
    if (this.state === 'running') this.state = code === 0 ? 'passed' : 'FAILED';
  }

  /** @param {NodeJS.Signals} signal */
  #signal(signal) {
    const pid = this.#process?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The whole group has ended already.
    }
  }
}
