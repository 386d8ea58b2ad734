import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackOffice } from '../samples/05-distributed/back-office.js';
import { RedisProcess } from '../samples/05-distributed/redis-process.js';
import { freePort } from '../support/free-port.js';
import { Accidents } from './accidents.js';
import { AppProcess } from './app-process.js';
import { Doubles } from './doubles.js';
import {
  demoted,
  frozen,
  killed,
  redeployed,
  redeployedAtOnce,
  suspended,
  type Fault,
} from './faults.js';
import { placeUntil } from './place-until.js';
import { seconds, type Plan } from './plan.js';

/**
 * Places orders over BullMQ while processes and Redis (AOF always) fail at random: first
 * in any way, then by clean deploys only, through which nothing may run twice.
 */
export async function crashDistributed(plan: Plan): Promise<string[]> {
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
    new AppProcess(
      name,
      new URL(`../../sample/05-distributed/${entry}`, import.meta.url),
      environment,
    );
  const api = processOf('the API', 'main.js');
  const workers = [1, 2].map((number) =>
    processOf(`worker ${number}`, 'worker.js'),
  );
  const all = [api, ...workers];
  await Promise.all(all.map((child) => child.start()));
  const deploys = [...all.map(redeployed), redeployedAtOnce(all)];
  const redisKilled: Fault = {
    name: 'Redis killed',
    happen: async () => {
      await redis.kill();
      await redis.start();
    },
  };
  const url = `http://127.0.0.1:${port}/orders`;
  const place = (faults: readonly Fault[], more: Plan) =>
    placeOrders(office, url, faults, more);
  const lines = await place(
    [
      ...all.flatMap((child) => [killed(child), suspended(child)]),
      ...deploys,
      redisKilled,
      frozen('Redis', redis),
      demoted('Redis', redis),
    ],
    plan,
  );
  const count = Math.ceil(plan.count / 4);
  const clean = await place(deploys, { ...plan, count });
  await Promise.all(all.map((child) => child.end('SIGTERM')));
  await redis.kill();
  await office.close();
  if (clean.twice > 0) {
    throw new Error(`${clean.twice} steps ran twice through clean deploys`);
  }
  return [
    ...lines.report,
    'clean deploys only:',
    ...clean.report.map((line) => `  ${line}`),
  ];
}

async function placeOrders(
  office: BackOffice,
  url: string,
  faults: readonly Fault[],
  { count, isThorough, seed }: Plan,
): Promise<{ report: string[]; twice: number }> {
  const { length } = office.bookings;
  const startMs = performance.now();
  const accidents = new Accidents(faults, seed);
  const accepted: string[] = [];
  await placeUntil({
    count,
    isShort: () => isThorough && !accidents.hadAll,
    url,
    bodyOf: (number) => ({ email: `${number}@example.com`, cents: number }),
    onAnswer: (status, body) => {
      if (status < 300) accepted.push((body as { orderId: string }).orderId);
    },
  });
  const placedMs = performance.now();
  await accidents.stop();
  await office.completed(accepted);
  const completeMs = performance.now();

  // Those of orders without an answer too.
  const runs = office.bookings.slice(length);
  const doubles = new Doubles(
    runs.map(({ step, orderId, ...run }) => ({
      ...run,
      work: `${step}:${orderId}`,
    })),
  );
  const lost = accepted.filter((orderId) => !office.isComplete(orderId)).length;
  const wrong = runs.filter((run) => run.key !== `${run.step}:${run.orderId}`);
  if (lost + wrong.length + doubles.unrecognised.length > 0) {
    throw new Error(
      `${lost} orders lost, ${wrong.length} runs without their key, ${doubles.unrecognised.length} steps not recognised`,
    );
  }
  return {
    twice: doubles.count,
    report: [
      `${accepted.length} orders accepted in ${seconds(placedMs - startMs)}, complete ${seconds(completeMs - placedMs)} later`,
      `faults: ${accidents.toString()}`,
      `lost: 0`,
      `steps: ${doubles.toString()}`,
    ],
  };
}
