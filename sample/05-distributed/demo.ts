import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Checks } from '../01-orders/demo/checks.js';
import { DemoProcess } from '../01-orders/demo/demo-process.js';
import { BackOffice } from './demo/back-office.js';
import { placeOrders } from './demo/place-orders.js';
import { RedisProcess } from './demo/redis-process.js';
import type { Booking } from './orders/order-tasks.js';

const PACE = { count: 120, everyMs: 100 };
const WORKER_DIES_AT_MS = 3_000;
const REDIS_DIES_AT_MS = 5_000;
const REDIS_IS_GONE_FOR_MS = 5_000;

const INTRODUCTION = `
An API and two workers share a queue in Redis, each in a process of its own. ${PACE.count} orders are placed, one each ${PACE.everyMs} ms. In the
middle of it one worker is killed with SIGKILL, and then Redis, for ${REDIS_IS_GONE_FOR_MS / 1_000} seconds.
`;

/** What is missing on this machine, if anything. */
export function missing(): string | undefined {
  // In CI it must be there.
  return RedisProcess.isInstalled() || process.env['CI'] === 'true'
    ? undefined
    : 'It needs redis-server: install Redis 7 (no server has to run).';
}

/** Orders that are carried out although a worker and Redis are killed. */
export async function demo(): Promise<void> {
  if (!RedisProcess.isInstalled()) {
    throw new Error('There is no redis-server. Install Redis 7.');
  }
  const folder = mkdtempSync(join(tmpdir(), 'distributed-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

  const redis = await RedisProcess.start(folder);
  const office = new BackOffice();
  const environment = {
    REDIS_URL: redis.url,
    BACK_OFFICE_URL: await office.listen(),
    PORT: '0',
  };
  const start = (name: string, entry: string) =>
    new DemoProcess<{ port?: number }>(
      name,
      new URL(entry, import.meta.url),
      environment,
    );
  const api = start('the API', './main.js');
  const workers = [
    start('worker 1', './worker.js'),
    start('worker 2', './worker.js'),
  ] as const;
  const isMessage = (_message: {
    port?: number;
  }): _message is { port: number } => true;
  const { port } = await api.message(isMessage);
  await Promise.all(workers.map((worker) => worker.message(isMessage)));
  console.log(INTRODUCTION);

  const startMs = performance.now();
  const events: string[] = [];
  const note = (event: string) => {
    const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
    events.push(`  ${seconds.padStart(5)} s  ${event}`);
  };
  const accidents = (async () => {
    await pause(WORKER_DIES_AT_MS);
    workers[0].kill('SIGKILL');
    note('worker 1 is killed');
    await pause(REDIS_DIES_AT_MS - WORKER_DIES_AT_MS);
    await redis.kill();
    note('Redis is killed');
    await pause(REDIS_IS_GONE_FOR_MS);
    await redis.start();
    note('Redis is back, with what was on its disk');
  })();
  const url = `http://127.0.0.1:${port}`;
  const { accepted, refused } = await placeOrders(url, PACE, startMs);
  note(`the last order is placed`);
  await accidents;
  await office.completed(accepted.map(({ orderId }) => orderId));
  note('the last accepted order is complete');

  const checks = new Checks();
  checks.begin('Orders');
  console.log(events.join('\n'));
  console.log(report(office.bookings, accepted, workers, api, checks));
  console.log(
    [
      checks.claim(`all ${PACE.count} orders were accepted`, refused === 0),
      checks.claim(
        'every accepted order is complete',
        accepted.every(({ orderId }) => office.isComplete(orderId)),
      ),
      checks.claim(
        'whatever ran twice has the key of its first run',
        office.bookings.every(
          ({ key, step, orderId }) => key === `${step}:${orderId}`,
        ),
      ),
    ].join('\n'),
  );
  for (const child of [api, workers[1]]) {
    child.kill('SIGTERM');
    await child.exited;
  }
  await redis.kill();
  await office.close();
  checks.conclude();
  console.log('\nAll of it is in order.');
}

function report(
  bookings: readonly Booking[],
  accepted: readonly { readonly tookMs: number }[],
  workers: readonly DemoProcess<unknown>[],
  api: DemoProcess<unknown>,
  checks: Checks,
): string {
  const [killed, other] = workers;
  const by = (child: DemoProcess<unknown> | undefined) =>
    bookings.filter(({ pid }) => pid === child?.pid).length;
  const keys = new Map<string, number>();
  for (const { key = '' } of bookings) {
    keys.set(key, (keys.get(key) ?? 0) + 1);
  }
  const twice = [...keys.values()].filter((count) => count > 1).length;
  const slowest = Math.max(...accepted.map(({ tookMs }) => tookMs));
  return [
    '',
    `  ${accepted.length} orders accepted, the slowest after ${Math.round(slowest)} ms`,
    `  ${bookings.length} steps run: ${by(killed)} by worker 1 until it was killed, ${by(other)} by worker 2, ${by(api)} by the API while Redis was gone`,
    `  ${twice} of ${keys.size} steps ran more than once, recognised by their keys`,
    '',
    checks.claim('the API took over while Redis was gone', by(api) > 0),
    checks.claim(
      'both workers had their share',
      by(killed) > 0 && by(other) > 0,
    ),
  ].join('\n');
}
