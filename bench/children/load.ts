/**
 * Load in a process of its own: `load.js <port> <connections> <to warm up> <measured>`,
 * the last two in requests. Each connection sends its next request as soon as it has its
 * response. After the warm-up, and after each measurement, all connections rest until a
 * message arrives, so that a measurement of the server covers these requests only.
 */
import { ascending, percentile } from '../figures/statistics.js';
import { KeepAliveConnection } from './keep-alive-connection.js';

export interface LoadWarm {
  readonly type: 'warm';
}

export interface LoadMeasured {
  readonly type: 'measured';
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const [port = 0, connections = 0, warmUp = 0, requests = 0] = process.argv
  .slice(2)
  .map(Number);

process.on('disconnect', () => process.exit());
const lanes = await Promise.all(
  Array.from({ length: connections }, () =>
    KeepAliveConnection.open(port, '/'),
  ),
);

await latenciesOf(warmUp);
const warm: LoadWarm = { type: 'warm' };
process.send?.(warm);
process.on('message', () => {
  void measure().then((measured) => process.send?.(measured));
});

async function measure(): Promise<LoadMeasured> {
  const startMs = performance.now();
  const latenciesMs = ascending(await latenciesOf(requests));
  const tookMs = performance.now() - startMs;
  return {
    type: 'measured',
    requestsPerSecond: requests / (tookMs / 1_000),
    p50Ms: percentile(latenciesMs, 50),
    p99Ms: percentile(latenciesMs, 99),
  };
}

/** Sends `count` requests over all connections, and returns the latencies in ms. */
async function latenciesOf(count: number): Promise<number[]> {
  const latencies: number[] = [];
  let left = count;
  const keepBusy = async (lane: KeepAliveConnection) => {
    while (left > 0) {
      left -= 1;
      const sentMs = performance.now();
      await lane.request();
      latencies.push(performance.now() - sentMs);
    }
  };
  await Promise.all(lanes.map(keepBusy));
  return latencies;
}
