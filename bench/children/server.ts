/**
 * The applications under test, in a process of their own: `server.js <platform> <app>…`. It
 * answers every message with the CPU time that it has used, once all work is done. With
 * `--expose-gc`, the young generation is collected first, so that each turn pays for what
 * it leaves behind.
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
  /** Of each application. */
  readonly ports: readonly number[];
  /** Since the start of the process. */
  readonly startMs: number;
  readonly startCpuMs: number;
}

export interface ServerUsage {
  readonly type: 'usage';
  /** CPU time of the process, including all threads. */
  readonly cpuUs: number;
  readonly works: number;
}

/** Due work runs within a turn of the event loop, or in the following turns. */
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

const [platform, ...names] = process.argv.slice(2);
if (!isPlatform(platform)) throw new Error(`No platform: ${platform}`);
const ports: number[] = [];
for (const name of names) {
  const app = await createOn(platform, await appNamed(name).load());
  await app.listen(0, '127.0.0.1');
  const server = app.getHttpServer() as Server;
  // Connections are idle while other servers have their turn.
  server.keepAliveTimeout = 600_000;
  ports.push((server.address() as AddressInfo).port);
}

process.on('disconnect', () => process.exit());
process.on('message', () => {
  void quiet().then(() => {
    globalThis.gc?.({ type: 'minor' });
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
  ports,
  startMs: performance.now(),
  startCpuMs: cpuUs() / 1_000,
};
process.send?.(ready);
