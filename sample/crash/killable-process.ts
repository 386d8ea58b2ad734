import { DemoProcess } from '../01-orders/demo/demo-process.js';
import type { Victim } from './accidents.js';

/** A process of an application that is killed with SIGKILL and started again. */
export class KillableProcess implements Victim {
  readonly name: string;
  readonly #entry: URL;
  readonly #environment: NodeJS.ProcessEnv;
  #process: DemoProcess<unknown> | undefined;

  constructor(name: string, entry: URL, environment: NodeJS.ProcessEnv) {
    this.name = name;
    this.#entry = entry;
    this.#environment = environment;
  }

  /** Resolves when it has said that it is ready. */
  async start(): Promise<void> {
    const child = new DemoProcess<unknown>(
      this.name,
      this.#entry,
      this.#environment,
    );
    this.#process = child;
    await child.message((_message): _message is unknown => true);
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.#process?.kill(signal);
    await this.#process?.exited;
  }
}
