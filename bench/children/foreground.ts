/**
 * Requests at a steady pace, in a process of its own, before and during storms:
 * `foreground.js <port> <requests per second> <calm ms> [<page>]`. Each message lets it start
 * a storm after a while; the next message says that the storm is over, and is answered. All
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

const [port = 0, perSecond = 0, calmMs = 0] = process.argv.slice(2).map(Number);

process.on('disconnect', () => process.exit());
const free = await Promise.all(
  Array.from({ length: CONNECTIONS }, () =>
    KeepAliveConnection.open(port, '/'),
  ),
);
if (process.argv[5]) await openPage(process.argv[5]);
const trigger = await KeepAliveConnection.open(port, '/storm');

/** When each waiting request was due. */
const due: number[] = [];
const inFlight = new Set<Promise<void>>();
let latenciesMs: number[] = [];
let failed = 0;

let message = once(process, 'message');
process.send?.({ type: 'open' });
for (;;) {
  await message;
  const foreground = await measureStorm();
  message = once(process, 'message');
  process.send?.(foreground);
}

async function measureStorm(): Promise<Foreground> {
  let nextDueMs = performance.now();
  const pace = setInterval(() => {
    const nowMs = performance.now();
    for (; nextDueMs <= nowMs; nextDueMs += 1_000 / perSecond) {
      due.push(nextDueMs);
    }
    sendDue();
  }, 1);
  await passed(calmMs);
  const calm = taken();
  const over = once(process, 'message');
  await trigger.request();
  await over;
  clearInterval(pace);
  while (inFlight.size > 0) await Promise.all(inFlight);
  return { type: 'foreground', calm, storm: taken() };
}

/** Reads the events of a dashboard as fast as they come. */
async function openPage(path: string): Promise<void> {
  const request = get({ port, path: `${path}/events` });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error('The page is not open.');
  response.resume();
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
  const latencies: Latencies = {
    requests: sorted.length,
    failed,
    p99Ms: percentile(sorted, 99),
    maxMs: sorted.at(-1) ?? Number.NaN,
  };
  latenciesMs = [];
  failed = 0;
  return latencies;
}

function passed(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
