import { DemoProcess } from '../../../sample/.demo/demo-process.js';
import type { PeerBehaviour, ReceivedRequest } from '../peer.js';
import {
  PEER_NAMES,
  type OrdersEnvironment,
  type PeerName,
} from './orders-peers.js';

export type PeerCounts = Readonly<Record<PeerName, number>>;

/** The peers in their process, controlled over HTTP. */
export class DemoPeers {
  /** The environment of the application. */
  readonly environment: OrdersEnvironment;

  private constructor(environment: OrdersEnvironment) {
    this.environment = environment;
  }

  static async start(): Promise<DemoPeers> {
    const entry = new URL('./peers-process.js', import.meta.url);
    const peers = new DemoProcess<OrdersEnvironment>('the peers', entry);
    return new DemoPeers(await peers.ready());
  }

  async slow(delays: Partial<Record<PeerName, number>>): Promise<void> {
    for (const [peer, delayMs] of Object.entries(delays)) {
      await fetch(`${this.#urlOf(peer as PeerName)}/control/behaviour`, {
        method: 'PUT',
        body: JSON.stringify({ delayMs } satisfies Partial<PeerBehaviour>),
      });
    }
  }

  /** The number of requests about this order that each peer received. */
  async received(orderId: number): Promise<PeerCounts> {
    const entries = PEER_NAMES.map(async (peer) => {
      const response = await fetch(`${this.#urlOf(peer)}/control/received`);
      const received = (await response.json()) as ReceivedRequest[];
      const own = received.filter(({ body }) => mentions(body, orderId));
      return [peer, own.length] as const;
    });
    return Object.fromEntries(await Promise.all(entries)) as PeerCounts;
  }

  #urlOf(peer: PeerName): string {
    return this.environment[`${peer.toUpperCase() as Uppercase<PeerName>}_URL`];
  }
}

function mentions(body: unknown, orderId: number): boolean {
  const text = JSON.stringify(body);
  return new RegExp(`("order_id":|for order )${orderId}\\b`).test(text);
}
