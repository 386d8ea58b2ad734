import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { freePort } from '../../support/free-port.js';

const BINARY = 'redis-server';

/** A Redis server that can be killed and restarted. It is killed when this process ends. */
export class RedisProcess {
  readonly url: string;
  readonly #port: number;
  readonly #folder: string;
  #child: ChildProcess | undefined;

  private constructor(port: number, folder: string) {
    this.#port = port;
    this.#folder = folder;
    this.url = `redis://127.0.0.1:${port}`;
    process.prependOnceListener('exit', () => this.#child?.kill('SIGKILL'));
  }

  static isInstalled(): boolean {
    return spawnSync(BINARY, ['--version']).status === 0;
  }

  static async start(folder: string): Promise<RedisProcess> {
    const redis = new RedisProcess(await freePort(), folder);
    await redis.start();
    return redis;
  }

  /** Starts it with the data on its disk. */
  async start(): Promise<void> {
    const options: Readonly<Record<string, string>> = {
      port: String(this.#port),
      bind: '127.0.0.1',
      dir: this.#folder,
      save: '',
      // An acknowledged write is on the disk.
      appendonly: 'yes',
      appendfsync: 'always',
    };
    const child = spawn(
      BINARY,
      Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    this.#child = child;
    for await (const line of createInterface(child.stdout)) {
      if (line.includes('Ready to accept connections')) {
        child.stdout.resume();
        return;
      }
    }
    throw new Error('Redis did not start.');
  }

  /** It answers no more, and its connections stay. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** It becomes the replica of a server that does not exist. */
  async demote(): Promise<void> {
    await this.#ask('REPLICAOF', '127.0.0.1', '1');
  }

  async promote(): Promise<void> {
    await this.#ask('REPLICAOF', 'NO', 'ONE');
  }

  async #ask(command: string, ...args: string[]): Promise<void> {
    const client = new Redis(this.url);
    try {
      await client.call(command, ...args);
    } finally {
      client.disconnect();
    }
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
}
