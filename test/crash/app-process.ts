import { DemoProcess } from '../../sample/.demo/demo-process.js';

/** A process of an application that is ended, suspended and restarted. */
export class AppProcess {
  readonly name: string;
  readonly #entry: URL;
  readonly #environment: NodeJS.ProcessEnv;
  /** The ids of the processes that were ended by SIGKILL. */
  readonly killedPids: number[] = [];
  #process: DemoProcess<unknown> | undefined;

  constructor(name: string, entry: URL, environment: NodeJS.ProcessEnv) {
    this.name = name;
    this.#entry = entry;
    this.#environment = environment;
  }

  /** Resolves when it is ready. */
  async start(): Promise<void> {
    const child = new DemoProcess<unknown>(
      this.name,
      this.#entry,
      this.#environment,
    );
    this.#process = child;
    await child.ready();
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Resolves when it has ended. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const pid = this.#process?.pid;
    if (signal === 'SIGKILL' && pid !== undefined) this.killedPids.push(pid);
    this.signal(signal);
    await this.#process?.exited;
  }
}
