import { describe } from '@jest/globals';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { freePort } from '../../support/free-port.js';

const BINARY = 'redis-server';

const isInstalled = spawnSync(BINARY, ['--version']).status === 0;
if (!isInstalled) {
  const what = `There is no ${BINARY}. Install Redis`;
  if (process.env['CI']) throw new Error(`${what}.`);
  process.stderr.write(`${what} to run the tests that stop and freeze it.\n`);
}

/** Of tests that do to a Redis of their own what none should live through. */
export const describeWithRedisServer = isInstalled ? describe : describe.skip;

/** Lines of its configuration. */
type RedisConfig = Readonly<Record<string, string>>;

const started: RedisServer[] = [];

/** A Redis on a port of its own, which may be stopped, frozen and killed. */
export class RedisServer {
  readonly connection: { readonly host: string; readonly port: number };
  readonly #folder: string;
  readonly #config: RedisConfig;
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string, config: RedisConfig) {
    this.connection = { host: '127.0.0.1', port };
    this.#folder = folder;
    this.#config = config;
    started.push(this);
  }

  /** One that does not run yet. */
  static async create(config: RedisConfig = {}): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'nestjs-tasks-redis-'));
    return new RedisServer(await freePort(), folder, config);
  }

  static async start(config?: RedisConfig): Promise<RedisServer> {
    const server = await RedisServer.create(config);
    await server.start();
    return server;
  }

  /** A sentinel that watches over this server as `primary`. */
  async startSentinel(): Promise<RedisServer> {
    const sentinel = await RedisServer.create();
    const file = join(sentinel.#folder, 'sentinel.conf');
    const { host, port } = this.connection;
    await writeFile(
      file,
      `port ${sentinel.connection.port}\nsentinel monitor primary ${host} ${port} 1\n`,
    );
    await sentinel.#spawn([file, '--sentinel'], '+monitor master');
    return sentinel;
  }

  /** What the server answers to a command. */
  async ask(command: string, ...args: string[]): Promise<unknown> {
    const client = new Redis(this.connection);
    try {
      return await client.call(command, ...args);
    } finally {
      client.disconnect();
    }
  }

  /** Ends all that were started. */
  static async removeAll(): Promise<void> {
    await Promise.all(
      started.splice(0).map(async (server) => {
        await server.kill();
        await rm(server.#folder, { recursive: true, force: true });
      }),
    );
  }

  /** Starts it, or starts it again with what was on its disk. */
  async start(): Promise<void> {
    const options = {
      port: String(this.connection.port),
      bind: this.connection.host,
      dir: this.#folder,
      save: '',
      appendonly: 'yes',
      appendfsync: 'always',
      ...this.#config,
    };
    const args = Object.entries(options).flatMap(([name, value]) => [
      `--${name}`,
      value,
    ]);
    await this.#spawn(args, 'Ready to accept connections');
  }

  /** It answers no more, and its connections stay. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /** It becomes the replica of a server that does not exist. */
  async demote(): Promise<void> {
    await this.ask('replicaof', '127.0.0.1', '1');
  }

  async promote(): Promise<void> {
    await this.ask('replicaof', 'no', 'one');
  }

  async #spawn(args: readonly string[], readyLine: string): Promise<void> {
    const child = spawn(BINARY, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    for await (const line of createInterface(child.stdout)) {
      if (line.includes(readyLine)) {
        child.stdout.resume();
        return;
      }
    }
    throw new Error(`${BINARY} has not started.`);
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
}
