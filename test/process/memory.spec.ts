import { Agent } from 'node:http';
import { describe, expect, it, jest } from '@jest/globals';
import type { TaskPhase, TaskStatus } from 'nestjs-tasks';
import type { End, MemoryOptions } from './apps/memory.js';
import { ChildApp } from './support/child-app.js';
import { adapters, useFixtures } from './support/fixtures.js';
import { call } from './support/http-client.js';
import { KeepAliveLoad } from './support/keep-alive-load.js';

jest.setTimeout(600_000);
useFixtures();

const everyPhase: readonly TaskPhase[] = [
  'immediate',
  'afterRoute',
  'afterResponse',
];

/** How a task of each name settles, and in which phases there is such a task. */
const ends: Record<End, readonly [TaskStatus, readonly TaskPhase[]]> = {
  success: ['succeeded', everyPhase],
  'success, and the task is kept': ['succeeded', everyPhase],
  failure: ['failed', everyPhase],
  'failure with a handler': ['failed', everyPhase],
  retries: ['failed', everyPhase],
  timeout: ['failed', everyPhase],
  'timeout, and the work hangs on': ['failed', everyPhase],
  'cancel while it runs': ['cancelled', everyPhase],
  'cancel while it waits': ['cancelled', everyPhase],
  'external signal': ['failed', everyPhase],
  skip: ['skipped', ['afterRoute', 'afterResponse']],
  'scheduled by a task': ['succeeded', everyPhase],
  drop: ['dropped', everyPhase],
};

function expectedOutcomes(): Record<string, TaskStatus> {
  return Object.fromEntries(
    Object.entries(ends).flatMap(([end, [status, phases]]) =>
      phases.map((phase) => [`${phase}, ${end}`, status]),
    ),
  );
}

interface Watched {
  readonly watched: number;
  readonly alive: readonly string[];
  /** By phase and name. */
  readonly outcomes: Record<string, TaskStatus>;
}

function start(options: MemoryOptions): Promise<ChildApp> {
  return ChildApp.start('memory', options, ['--expose-gc']);
}

describe.each(adapters)('after the last task of a request on %s', (adapter) => {
  it.each([
    ['closes', false],
    ['stays open', true],
  ])(
    'nothing of it is reachable, however the task ended, when the connection %s',
    async (_what, keepAlive) => {
      const child = await start({ adapter });
      const agent = new Agent({ keepAlive, maxSockets: 1 });
      try {
        let requests = 0;
        for (const [end, [, phases]] of Object.entries(ends)) {
          if (end === 'drop') await call(`${child.url}/block`, { agent });
          for (const phase of phases) {
            const path = `/watch/${phase}/${encodeURIComponent(end)}`;
            await call(child.url + path, { agent });
            if (end !== 'drop') await child.ask('idle');
            requests += 1;
          }
        }
        child.open('unblock');
        const seen = (await child.ask('alive')) as Watched;

        expect(seen.watched).toBeGreaterThan(4 * requests);
        expect(seen.alive).toEqual(['kept']);
        expect(seen.outcomes).toMatchObject(expectedOutcomes());
      } finally {
        agent.destroy();
      }
    },
  );
});

const SAMPLES = 10;
const CONNECTIONS = 20;
const SOAK_REQUESTS = Number(process.env['SOAK_REQUESTS'] ?? 5_000);

/**
 * What the heap may grow by for each request. A settled task that is kept takes more than
 * 100 bytes, and each request has three. What is left below that is the engine warming up:
 * it comes to some 25 bytes with the default count, and to less than one with 200 000.
 */
const MAX_BYTES_PER_REQUEST = 80;

/** The engine may compile something late, which it does once: what is kept grows each time. */
const MOST_SOAKS = 3;

/** Answers the requests, and returns by how many bytes the heap has grown for each of the last half. */
async function soak(child: ChildApp): Promise<number> {
  const perSample = SOAK_REQUESTS / SAMPLES;
  const heap: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const load = new KeepAliveLoad(
      perSample,
      CONNECTIONS,
      () => `${child.url}/soak`,
    );
    await load.done;
    expect(load).toMatchObject({ answered: perSample, broken: 0 });
    heap.push((await child.ask('heap')) as number);
  }
  const growth = slope(heap.slice(SAMPLES / 2)) / perSample;
  if (process.env['FIGURES']) {
    const kilobytes = heap.map((bytes) => Math.round(bytes / 1024));
    process.stdout.write(
      `${SOAK_REQUESTS} requests: heap in kB ${kilobytes.join(' ')}; ` +
        `${growth.toFixed(2)} bytes per request over the second half\n`,
    );
  }
  return growth;
}

describe.each(adapters)('the heap of an application on %s', (adapter) => {
  it(`is flat over ${SOAK_REQUESTS} requests with a task of each phase`, async () => {
    const child = await start({ adapter, soak: true });
    let soaks = 0;
    let growth: number;
    do {
      growth = await soak(child);
      soaks += 1;
    } while (growth >= MAX_BYTES_PER_REQUEST && soaks < MOST_SOAKS);

    expect(await child.ask('stats')).toMatchObject({
      succeeded: 3 * SOAK_REQUESTS * soaks,
      failed: 0,
    });
    expect(growth).toBeLessThan(MAX_BYTES_PER_REQUEST);
  });
});

/** How much a value grows from sample to sample: the slope of the line that fits best. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  let [covariance, variance] = [0, 0];
  for (const [index, value] of values.entries()) {
    covariance += (index - middle) * value;
    variance += (index - middle) ** 2;
  }
  return covariance / variance;
}
