import { fork, type ChildProcess, type Serializable } from 'node:child_process';
import { once } from 'node:events';

/** A child process that reports by messages. It is killed when this process ends. */
export class DemoProcess<M> {
  readonly messages: M[] = [];
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  readonly #name: string;
  readonly #child: ChildProcess;
  #output = '';

  constructor(
    name: string,
    entry: URL,
    environment: NodeJS.ProcessEnv = {},
    args: readonly string[] = [],
  ) {
    this.#name = name;
    this.#child = fork(entry, args, {
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
    // Prepended, so that it is gone before other listeners remove its files.
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

  /** The first message. */
  ready(): Promise<M> {
    return this.message((_message): _message is M => true);
  }

  /** The first message from index `from` on that `matches`, received already or later. */
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
