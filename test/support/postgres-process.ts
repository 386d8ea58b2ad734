import {
  execFile,
  execFileSync,
  spawn,
  type ChildProcess,
} from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePort } from './free-port.js';
import { pause } from './pause.js';

const run = promisify(execFile);
const binaries = findBinaries();

/** Who the programs run as. */
interface Credentials {
  readonly uid?: number;
  readonly gid?: number;
}

const servers: PostgresProcess[] = [];
let template: string | undefined;

/** A PostgreSQL of one's own, which may be killed and frozen. */
export class PostgresProcess {
  readonly connectionString: string;
  readonly #folder: string;
  readonly #port: number;
  readonly #user: Credentials;
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number, user: Credentials) {
    this.#folder = folder;
    this.#port = port;
    this.#user = user;
    this.connectionString = `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  static get isInstalled(): boolean {
    return binaries !== undefined;
  }

  /** One that does not run yet, with a line for its configuration. */
  static async create(setting = ''): Promise<PostgresProcess> {
    const user = await unprivileged();
    const folder = await newFolder(user);
    const server = new PostgresProcess(folder, await freePort(), user);
    servers.push(server);
    template ??= await initialize(user);
    await run('cp', ['-Rp', `${template}/.`, folder], user);
    await writeFile(
      join(folder, 'postgresql.auto.conf'),
      `port = ${server.#port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n${setting}\n`,
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
        await pause();
      } finally {
        await client.end().catch(() => {});
      }
    }
  }

  /** As a crash: at once, and without a word to its clients. */
  async kill(): Promise<void> {
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

  /** It refuses new transactions that write, as a replica does. */
  async demote(): Promise<void> {
    await this.#set('ALTER SYSTEM SET default_transaction_read_only = on');
  }

  async promote(): Promise<void> {
    await this.#set('ALTER SYSTEM RESET default_transaction_read_only');
  }

  async #set(statement: string): Promise<void> {
    const { connectionString } = this;
    const client = new Client({ connectionString });
    await client.connect();
    try {
      await client.query(statement);
      await client.query('SELECT pg_reload_conf()');
    } finally {
      await client.end();
    }
  }

  static async removeAll(): Promise<void> {
    for (const server of servers.splice(0)) {
      await server.kill();
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

/** The files of an empty database: copies take a tenth of the time. */
async function initialize(user: Credentials): Promise<string> {
  const folder = await newFolder(user);
  await run(
    join(binaries ?? '', 'initdb'),
    `-D ${folder} -U postgres -A trust -E UTF8 -N --wal-segsize=1`.split(' '),
    user,
  );
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function newFolder({ uid, gid }: Credentials): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nestjs-tasks-postgres-'));
  if (uid !== undefined) await chown(folder, uid, gid ?? uid);
  return folder;
}

/** PostgreSQL does not run as root. */
async function unprivileged(): Promise<Credentials> {
  if (process.getuid?.() !== 0) return {};
  const id = async (flag: string) =>
    Number((await run('id', [flag, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
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
  return folders.find((folder) => existsSync(join(folder, 'initdb')));
}
