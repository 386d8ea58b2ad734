import { describe } from '@jest/globals';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const BINARY = 'redis-server';

const isInstalled = spawnSync(BINARY, ['--version']).status === 0;
if (!isInstalled) {
  const what = `There is no ${BINARY}. Install Redis`;
  if (process.env['CI']) throw new Error(`${what}.`);
  process.stderr.write(`${what} to run the tests that stop and freeze it.\n`);
}

/** Of tests that do to a Redis of their own what none should live through. */
export const describeWithRedisServer = isInstalled ? describe : describe.skip;

const started: RedisServer[] = [];

/** A Redis on a port of its own, which may be stopped, frozen and killed. */
export class RedisServer {
  readonly connection: { readonly host: string; readonly port: number };
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string) {
    this.connection = { host: '127.0.0.1', port };
    this.#folder = folder;
    started.push(this);
  }

  /** One that does not run yet. */
  static async create(): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'nestjs-tasks-redis-'));
    return new RedisServer(await freePort(), folder);
  }

  static async start(): Promise<RedisServer> {
    const server = await RedisServer.create();
    await server.start();
    return server;
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
    };
    const args = Object.entries(options).flatMap(([name, value]) => [
      `--${name}`,
      value,
    ]);
    const child = spawn(BINARY, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    for await (const line of createInterface(child.stdout)) {
      if (line.includes('Ready to accept connections')) {
        child.stdout.resume();
        return;
      }
    }
    throw new Error(`${BINARY} has not started.`);
  }

  /** It answers no more, and its connections stay. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
