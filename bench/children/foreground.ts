/**
 * Requests at a steady pace, in a process of its own, before and during storms:
 * `foreground.js <port> <requests per second> <calm ms> <storms> [<page>]`. It starts each
 * storm itself, and receives a message when the storm is over. It measures the last one. All
 * the while it reads what the page of the dashboard would read, if there is one.
 */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
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

/** More than are ever in use; a due request waits for a free connection. */
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
if (process.argv[6]) await openPage(process.argv[6]);
const trigger = await KeepAliveConnection.open(port, '/storm');

/** When each waiting request was due. */
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

// The earlier storms only warm up the server.
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

/** Reads the events of a dashboard as fast as they come. */
async function openPage(path: string): Promise<void> {
  const request = get({ port, path: `${path}/events` });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error('The page is not open.');
  response.resume();
}

/** Starts a storm, and waits until it is over. */
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

/** The latencies since the last call. */
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
