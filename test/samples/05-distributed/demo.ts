import { setTimeout as pause } from 'node:timers/promises';
import { DemoProcess } from '../../../sample/.demo/demo-process.js';
import type { Demo, Report } from '../../../sample/.demo/report.js';
import type { Booking } from '../../../sample/05-distributed/orders/order-tasks.js';
import { BackOffice } from './back-office.js';
import { placeOrders, type PlacedOrder } from './place-orders.js';
import { RedisProcess } from './redis-process.js';

const PACE = { count: 120, everyMs: 100 };
const WORKER_DIES_AT_MS = 3_000;
const REDIS_DIES_AT_MS = 5_000;
const REDIS_IS_GONE_FOR_MS = 5_000;

const INTRODUCTION = `
An API and two workers share a queue in Redis, each in a process of its own. ${PACE.count} orders are placed, one each ${PACE.everyMs} ms. In the
middle of it one worker is killed with SIGKILL, and then Redis, for ${REDIS_IS_GONE_FOR_MS / 1_000} seconds.
`;

/** Workers report no URL. */
type Ready = { readonly url?: string };
type Processes = Readonly<
  Record<'api' | 'killed' | 'survivor', DemoProcess<Ready>>
>;

/** Orders that are carried out although a worker and Redis are killed. */
export const demo: Demo = {
  missing() {
    // With CI=true the demo must not be skipped.
    return RedisProcess.isInstalled() || process.env['CI'] === 'true'
      ? undefined
      : 'It needs redis-server: install Redis 7 (no server has to run).';
  },

  async play(report, folder) {
    if (!RedisProcess.isInstalled()) {
      throw new Error('There is no redis-server. Install Redis 7.');
    }
    const redis = await RedisProcess.start(folder);
    const office = new BackOffice();
    const environment = {
      REDIS_URL: redis.url,
      BACK_OFFICE_URL: await office.listen(),
      PORT: '0',
    };
    const start = (name: string, entry: 'main.js' | 'worker.js') => {
      const path = `../../../sample/05-distributed/${entry}`;
      const url = new URL(path, import.meta.url);
      return new DemoProcess<Ready>(name, url, environment);
    };
    const api = start('the API', 'main.js');
    const killed = start('worker 1', 'worker.js');
    const survivor = start('worker 2', 'worker.js');
    const [{ url = '' }] = await Promise.all([
      api.ready(),
      killed.ready(),
      survivor.ready(),
    ]);
    report.print(INTRODUCTION);

    const startMs = performance.now();
    const note = (event: string) => {
      const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
      report.print(`  ${seconds.padStart(5)} s  ${event}`);
    };
    const accidents = playAccidents(killed, redis, note);
    const { accepted, refused } = await placeOrders(url, PACE);
    note(`the last order is placed`);
    await accidents;
    await office.completed(accepted.map(({ orderId }) => orderId));
    note('the last accepted order is complete');

    showOrders(report, office, accepted, refused, { api, killed, survivor });
    for (const child of [api, survivor]) {
      child.kill('SIGTERM');
      await child.exited;
    }
    await redis.kill();
    await office.close();
  },
};

async function playAccidents(
  worker: DemoProcess<Ready>,
  redis: RedisProcess,
  note: (event: string) => void,
): Promise<void> {
  await pause(WORKER_DIES_AT_MS);
  worker.kill('SIGKILL');
  note('worker 1 is killed');
  await pause(REDIS_DIES_AT_MS - WORKER_DIES_AT_MS);
  await redis.kill();
  note('Redis is killed');
  await pause(REDIS_IS_GONE_FOR_MS);
  await redis.start();
  note('Redis is back, with what was on its disk');
}

function showOrders(
  report: Report,
  office: BackOffice,
  accepted: readonly PlacedOrder[],
  refused: number,
  { api, killed, survivor }: Processes,
): void {
  const { bookings } = office;
  const by = (child: DemoProcess<Ready>) =>
    bookings.filter(({ pid }) => pid === child.pid).length;
  const { runs, twice } = runsOf(bookings);
  const slowest = Math.max(...accepted.map(({ tookMs }) => tookMs));
  report.print(
    '',
    `  ${accepted.length} orders accepted, the slowest after ${Math.round(slowest)} ms`,
    `  ${bookings.length} steps run: ${by(killed)} by worker 1 until it was killed, ${by(survivor)} by worker 2, ${by(api)} by the API while Redis was gone`,
    `  ${twice} of ${runs} steps ran more than once, recognised by their keys`,
    '',
  );
  report.claim('Orders', [
    ['the API took over while Redis was gone', by(api) > 0],
    ['both workers had their share', by(killed) > 0 && by(survivor) > 0],
    [`all ${PACE.count} orders were accepted`, refused === 0],
    [
      'every accepted order is complete',
      accepted.every(({ orderId }) => office.isComplete(orderId)),
    ],
    [
      'whatever ran twice has the key of its first run',
      bookings.every(({ key, step, orderId }) => key === `${step}:${orderId}`),
    ],
  ]);
}

/** The number of different steps that ran, and of those that ran more than once. */
function runsOf(bookings: readonly Booking[]): { runs: number; twice: number } {
  const counts = new Map<string, number>();
  for (const { key = '' } of bookings) {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const twice = [...counts.values()].filter((count) => count > 1).length;
  return { runs: counts.size, twice };
}
