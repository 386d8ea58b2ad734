import { fork, type ChildProcess, type Serializable } from 'node:child_process';
import { once } from 'node:events';

/** A process of the demo. It ends with the demo, however that ends. */
export class DemoProcess<M> {
  readonly messages: M[] = [];
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  readonly #name: string;
  readonly #child: ChildProcess;
  #output = '';

  constructor(name: string, entry: URL, environment: NodeJS.ProcessEnv = {}) {
    this.#name = name;
    this.#child = fork(entry, {
      env: { ...process.env, ...environment },
      silent: true,
    });
    this.exited = once(this.#child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as string | null,
    }));
    this.#child.on('message', (message) => this.messages.push(message as M));
    this.#child.stdout?.on('data', (chunk) => (this.#output += chunk));
    this.#child.stderr?.on('data', (chunk) => (this.#output += chunk));
    // First of all, so that it is gone when others clean up after it.
    const kill = () => void this.#child.kill('SIGKILL');
    process.prependOnceListener('exit', kill);
    this.#child.once('close', () => process.off('exit', kill));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(message: Serializable): void {
    this.#child.send(message);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The first message since `from` that `matches`, now or later. */
  async message<T extends M>(
    matches: (message: M) => message is T,
    from = 0,
  ): Promise<T> {
    for (;;) {
      const found = this.messages.slice(from).find(matches);
      if (found) return found;
      const arrived = once(this.#child, 'message').then(() => true);
      const gone = this.exited.then(() => false);
      if (!(await Promise.race([arrived, gone]))) {
        throw new Error(
          `The process of ${this.#name} ended too early. It wrote:\n${this.#output}`,
        );
      }
    }
  }
}
