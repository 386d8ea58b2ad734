/**
 * The server under test, in a process of its own: `server.js <app> <platform>`. When
 * told anything it answers how much of the processor it has used, once all work is done.
 */
import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { appNamed } from '../apps/apps.js';
import { createOn, isPlatform } from '../apps/platform.js';
import { worksDone } from '../apps/work.js';

export interface ServerReady {
  readonly type: 'ready';
  readonly port: number;
  /** Since the process began. */
  readonly startMs: number;
  readonly startCpuMs: number;
}

export interface ServerUsage {
  readonly type: 'usage';
  /** Of the process, all of its threads. */
  readonly cpuUs: number;
  readonly works: number;
}

/** Work that is due runs within a turn of the event loop, or the next ones. */
async function quiet(): Promise<void> {
  let before = -1;
  while (worksDone() !== before) {
    before = worksDone();
    await nextTurn();
    await nextTurn();
  }
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const [name = '', platform] = process.argv.slice(2);
if (!isPlatform(platform)) throw new Error(`No platform: ${platform}`);
const app = await createOn(platform, await appNamed(name).load());
await app.listen(0, '127.0.0.1');
const server = app.getHttpServer() as Server;
// Connections rest while other servers have their turn.
server.keepAliveTimeout = 600_000;
const { port } = server.address() as AddressInfo;

process.on('disconnect', () => process.exit());
process.on('message', () => {
  void quiet().then(() => {
    const usage: ServerUsage = {
      type: 'usage',
      cpuUs: cpuUs(),
      works: worksDone(),
    };
    process.send?.(usage);
  });
});
const ready: ServerReady = {
  type: 'ready',
  port,
  startMs: performance.now(),
  startCpuMs: cpuUs() / 1_000,
};
process.send?.(ready);
