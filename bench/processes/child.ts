import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The time limit of an answer, so that a child that hangs does not hang the bench. */
const ANSWER_LIMIT_MS = 60_000;

/** A script of `children/`, in a fresh process that ends with this one at the latest. */
export class Child {
  readonly #process: ChildProcess;
  readonly #script: string;
  readonly #messages: unknown[] = [];
  #waiting: (() => void) | undefined;
  #end: string | undefined;

  private constructor(child: ChildProcess, script: string) {
    this.#process = child;
    this.#script = script;
    child.on('message', (message) => {
      this.#messages.push(message);
      this.#waiting?.();
    });
    child.on('error', (error) => this.#ended(error.message));
    child.on('exit', (code, signal) => this.#ended(`${signal ?? code}`));
  }

  /** @param cpu the processor to pin it to, if any */
  static start(
    script: string,
    args: readonly (string | number)[],
    cpu: number | undefined,
    nodeOptions: readonly string[] = [],
  ): Child {
    const path = fileURLToPath(
      new URL(`../children/${script}.js`, import.meta.url),
    );
    const node = [...nodeOptions, path, ...args.map(String)];
    const [command, ...all] =
      cpu === undefined
        ? [process.execPath, ...node]
        : ['taskset', '-c', String(cpu), process.execPath, ...node];
    const child = spawn(command, all, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
    });
    return new Child(child, script);
  }

  /**
   * The next message of the child.
   *
   * @throws Error when the child ends without sending one, or takes too long
   */
  async next<T>(): Promise<T> {
    const timer = setTimeout(
      () => this.#ended(`no message within ${ANSWER_LIMIT_MS} ms`),
      ANSWER_LIMIT_MS,
    );
    while (this.#messages.length === 0 && this.#end === undefined) {
      await new Promise<void>((resolve) => (this.#waiting = resolve));
    }
    clearTimeout(timer);
    if (this.#messages.length === 0) {
      throw new Error(`${this.#script} ended too early: ${this.#end}`);
    }
    // The caller knows which message the script sends next.
    return this.#messages.shift() as T;
  }

  /** Lets the child proceed. */
  proceed(): void {
    this.#process.send('go');
  }

  /** Lets the child proceed, and returns its answer. */
  ask<T>(): Promise<T> {
    this.proceed();
    return this.next<T>();
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }

  #ended(why: string): void {
    this.#end ??= why;
    this.#waiting?.();
  }
}
