/**
 * Runs the application of one sample, `01-orders` to `04-analytics`, and all services
 * that it calls in one process, so that nothing has to be configured. What the services
 * receive is printed.
 */
import { OrdersPeers } from '../../test/samples/01-orders/orders-peers.js';
import { RegistrationPeers } from '../../test/samples/02-registration/registration-peers.js';
import { ImagesPeers } from '../../test/samples/03-images/images-peers.js';
import { AnalyticsPeers } from '../../test/samples/04-analytics/analytics-peers.js';

type Print = (line: string) => void;

interface Peers {
  /** Returns the environment of the application. */
  listen(): Promise<Readonly<Record<string, string>>>;
  /** Returns how to control them from outside this process. */
  controls(): Promise<string>;
}

const PEERS: Readonly<Record<string, new (print: Print) => Peers>> = {
  '01-orders': OrdersPeers,
  '02-registration': RegistrationPeers,
  '03-images': ImagesPeers,
  '04-analytics': AnalyticsPeers,
};

const sample = process.argv[2] ?? '01-orders';
const SamplePeers = PEERS[sample];
if (!SamplePeers) {
  const names = Object.keys(PEERS).join(', ');
  throw new Error(`The sample must be one of ${names}, got "${sample}".`);
}
const print: Print = (line) => console.log(`\n${line}`);
const peers = new SamplePeers(print);
const environment = {
  ...(await peers.listen()),
  PUBLIC_URL: `http://localhost:${process.env['PORT'] ?? 3000}`,
};
for (const [name, value] of Object.entries(environment)) {
  process.env[name] ??= value;
}
await import(`../${sample}/main.js`);
print(await peers.controls());
