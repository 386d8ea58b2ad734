/**
 * Requests at a steady pace, in a process of its own, before and during storms:
 * `foreground.js <port> <requests per second> <calm ms> <storms>`. It starts each storm
 * itself, and is told when it is over. It measures the last one.
 */
import { once } from 'node:events';
import { ascending, percentile } from '../figures/statistics.js';
import { KeepAliveConnection } from './keep-alive-connection.js';

export interface Foreground {
  readonly type: 'foreground';
  readonly calm: Latencies;
  readonly storm: Latencies;
}

export interface Latencies {
  readonly requests: number;
  readonly failed: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** More than can be under way: a request whose time has come waits for a free one. */
const CONNECTIONS = 50;

const [port = 0, perSecond = 0, calmMs = 0, storms = 1] = process.argv
  .slice(2)
  .map(Number);

process.on('disconnect', () => process.exit());
const free = await Promise.all(
  Array.from({ length: CONNECTIONS }, () =>
    KeepAliveConnection.open(port, '/'),
  ),
);
const trigger = await KeepAliveConnection.open(port, '/storm');

/** When each request that waits was due. */
const due: number[] = [];
const inFlight = new Set<Promise<void>>();
let latenciesMs: number[] = [];
let failed = 0;
let nextDueMs = performance.now();

const pace = setInterval(() => {
  const nowMs = performance.now();
  for (; nextDueMs <= nowMs; nextDueMs += 1_000 / perSecond) {
    due.push(nextDueMs);
  }
  sendDue();
}, 1);

// The others are for the server, to be one that has run.
for (let storm = 1; storm < storms; storm += 1) await pass();
await passed(calmMs);
latenciesMs = [];
await passed(calmMs);
const calm = taken();
await pass();
clearInterval(pace);
while (inFlight.size > 0) await Promise.all(inFlight);
const foreground: Foreground = { type: 'foreground', calm, storm: taken() };
process.send?.(foreground);

/** A storm comes, and passes. */
async function pass(): Promise<void> {
  const over = once(process, 'message');
  await trigger.request();
  await over;
}

function sendDue(): void {
  while (due.length > 0) {
    const connection = free.pop();
    if (!connection) return;
    const sending = send(connection, due.shift() ?? 0);
    inFlight.add(sending);
    void sending.finally(() => inFlight.delete(sending));
  }
}

async function send(
  connection: KeepAliveConnection,
  dueMs: number,
): Promise<void> {
  try {
    await connection.request();
    latenciesMs.push(performance.now() - dueMs);
    free.push(connection);
  } catch {
    failed += 1;
  }
  sendDue();
}

/** What has been answered since the last time. */
function taken(): Latencies {
  const sorted = ascending(latenciesMs);
  latenciesMs = [];
  return {
    requests: sorted.length,
    failed,
    p99Ms: percentile(sorted, 99),
    maxMs: sorted.at(-1) ?? Number.NaN,
  };
}

function passed(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
