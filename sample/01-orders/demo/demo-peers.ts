import type { PeerName } from '../peers/orders-peers.js';
import type { PeerBehaviour, ReceivedRequest } from '../peers/peer.js';
import { DemoProcess } from './demo-process.js';

export type PeerCounts = Readonly<Record<PeerName, number>>;

/** The peers in their process, led over HTTP. */
export class DemoPeers {
  readonly urls: Readonly<Record<PeerName, string>>;

  private constructor(urls: Readonly<Record<PeerName, string>>) {
    this.urls = urls;
  }

  static async start(): Promise<DemoPeers> {
    const entry = new URL('../peers/main.js', import.meta.url);
    type Urls = Record<PeerName, string>;
    const peers = new DemoProcess<Urls>('the peers', entry);
    const isUrls = (message: Urls): message is Urls => 'payment' in message;
    return new DemoPeers(await peers.message(isUrls));
  }

  async slow(peer: PeerName, delayMs: number): Promise<void> {
    await fetch(`${this.urls[peer]}/control/behaviour`, {
      method: 'PUT',
      body: JSON.stringify({ delayMs } satisfies Partial<PeerBehaviour>),
    });
  }

  /** How many requests each peer received that name this order. */
  async received(orderId: number): Promise<PeerCounts> {
    const entries = Object.entries(this.urls).map(async ([peer, url]) => {
      const response = await fetch(`${url}/control/received`);
      const received = (await response.json()) as ReceivedRequest[];
      const own = received.filter(({ body }) => names(body, orderId));
      return [peer, own.length] as const;
    });
    return Object.fromEntries(await Promise.all(entries)) as PeerCounts;
  }
}

function names(body: unknown, orderId: number): boolean {
  const text = JSON.stringify(body);
  return new RegExp(`("order_id":|for order )${orderId}\\b`).test(text);
}
