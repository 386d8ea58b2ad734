import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackOffice } from '../05-distributed/demo/back-office.js';
import {
  freePort,
  RedisProcess,
} from '../05-distributed/demo/redis-process.js';
import { Accidents } from './accidents.js';
import { KillableProcess } from './killable-process.js';
import { placeUntil } from './place-until.js';

/** Orders over BullMQ, while the API, the workers and Redis (AOF always) are killed at random. */
export async function crashDistributed(
  orders: number,
  seed: number,
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'crash-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const redis = await RedisProcess.start(folder);
  const office = new BackOffice();
  const port = await freePort();
  const environment = {
    REDIS_URL: redis.url,
    BACK_OFFICE_URL: await office.listen(20),
    PORT: String(port),
  };
  const processOf = (name: string, entry: string) =>
    new KillableProcess(
      name,
      new URL(`../05-distributed/${entry}`, import.meta.url),
      environment,
    );
  const api = processOf('the API', 'main.js');
  const workers = [1, 2].map((number) =>
    processOf(`worker ${number}`, 'worker.js'),
  );
  await Promise.all([api, ...workers].map((child) => child.start()));

  const startMs = performance.now();
  const accidents = new Accidents(
    [
      api,
      ...workers,
      { name: 'Redis', kill: () => redis.kill(), start: () => redis.start() },
    ],
    seed,
  );
  const accepted: string[] = [];
  await placeUntil(
    orders,
    `http://127.0.0.1:${port}/orders`,
    (number) => ({ email: `${number}@example.com`, cents: number }),
    (status, body) => {
      if (status < 300) accepted.push((body as { orderId: string }).orderId);
    },
  );
  const placedMs = performance.now();
  await office.completed(accepted);
  const completeMs = performance.now();
  await accidents.stop();

  const isAccepted = new Set(accepted);
  const runs = new Map<string, number>();
  let unrecognised = 0;
  for (const { key, step, orderId } of office.bookings) {
    if (!isAccepted.has(orderId)) continue;
    if (key !== `${step}:${orderId}`) unrecognised += 1;
    runs.set(key ?? '', (runs.get(key ?? '') ?? 0) + 1);
  }
  const lost = accepted.filter((orderId) => !office.isComplete(orderId)).length;
  const twice = [...runs.values()].filter((count) => count > 1).length;
  await Promise.all([api, ...workers].map((child) => child.end('SIGTERM')));
  await redis.kill();
  await office.close();
  if (lost + unrecognised > 0) {
    throw new Error(
      `${lost} orders lost, ${unrecognised} runs without their key`,
    );
  }
  return [
    `${accepted.length} orders accepted in ${seconds(placedMs - startMs)}, complete ${seconds(completeMs - placedMs)} later`,
    `killed: ${accidents.toString()}`,
    `lost: 0`,
    `steps: ${runs.size}, of which ${twice} ran more than once, all recognised by their key`,
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
