import { describe } from '@jest/globals';
import {
  execFile,
  execFileSync,
  spawn,
  type ChildProcess,
} from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { needsNode22 } from './pg-boss-node.js';

const run = promisify(execFile);
const binaries = needsNode22() ? findBinaries() : undefined;

/** Of tests that start, stop and freeze a PostgreSQL of their own. */
export const describeWithPostgresServer = binaries ? describe : describe.skip;

const servers: PostgresServer[] = [];

/** A PostgreSQL of the test's own. */
export class PostgresServer {
  readonly connectionString: string;
  readonly #folder: string;
  readonly #port: number;
  readonly #user: { uid?: number; gid?: number };
  #process: ChildProcess | undefined;

  private constructor(
    folder: string,
    port: number,
    user: { uid?: number; gid?: number },
  ) {
    this.#folder = folder;
    this.#port = port;
    this.#user = user;
    this.connectionString = `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  /** One that is not running yet. */
  static async create(): Promise<PostgresServer> {
    const folder = await mkdtemp(join(tmpdir(), 'nestjs-tasks-postgres-'));
    const user = await unprivileged();
    if (user.uid !== undefined) {
      await chown(folder, user.uid, user.gid ?? user.uid);
    }
    const server = new PostgresServer(folder, await freePort(), user);
    servers.push(server);
    await run(
      join(binaries ?? '', 'initdb'),
      ['-D', folder, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '-N'],
      user,
    );
    await writeFile(
      join(folder, 'postgresql.auto.conf'),
      `port = ${server.#port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n`,
    );
    return server;
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    this.#process = spawn(
      join(binaries ?? '', 'postgres'),
      ['-D', this.#folder],
      { ...this.#user, stdio: 'ignore', detached: true },
    );
    for (;;) {
      const client = new Client({ connectionString: this.connectionString });
      client.on('error', () => {});
      try {
        await client.connect();
        return;
      } catch {
        await new Promise(setImmediate);
      } finally {
        await client.end().catch(() => {});
      }
    }
  }

  /** As a crash: at once, and without a word to its clients. */
  async stop(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#process ?? {};
    if (!this.#process || pid === undefined) return;
    const ended =
      exitCode !== null || signalCode !== null
        ? Promise.resolve()
        : once(this.#process, 'exit');
    this.#signal('SIGCONT');
    process.kill(pid, 'SIGQUIT');
    await ended;
    this.#process = undefined;
  }

  /** It keeps its connections, and answers nothing. */
  freeze(): void {
    this.#signal('SIGSTOP');
  }

  thaw(): void {
    this.#signal('SIGCONT');
  }

  static async removeAll(): Promise<void> {
    for (const server of servers.splice(0)) {
      await server.stop();
      await rm(server.#folder, { recursive: true, force: true });
    }
  }

  /** To the server and to all that serve its clients, which lead sessions of their own. */
  #signal(signal: NodeJS.Signals): void {
    const pid = this.#process?.pid;
    if (pid === undefined) return;
    for (const process_ of [pid, ...childrenOf(pid)]) {
      try {
        process.kill(process_, signal);
      } catch {
        // It has ended in the meantime.
      }
    }
  }
}

function childrenOf(pid: number): number[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([child = 0]) => child);
}

/** PostgreSQL does not run as root. */
async function unprivileged(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const id = async (flag: string) =>
    Number((await run('id', [flag, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The folder of the programs, the newest ones where there are several. */
function findBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  const folders = [
    ...versions
      .toSorted((a, b) => Number(b) - Number(a))
      .map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(':'),
  ];
  const found = folders.find((folder) => existsSync(join(folder, 'initdb')));
  if (!found) {
    const what =
      'The programs of PostgreSQL (initdb, postgres) were not found. Install them';
    if (process.env['CI']) throw new Error(`${what}.`);
    process.stderr.write(`${what} to run the tests in which it is stopped.\n`);
  }
  return found;
}
