import { Peer, printingPeer, type PeerAnswer, type Print } from '../peer.js';

/** The gateway declines this card; it accepts all others. */
export const DECLINED_TOKEN = 'tok_declined';

export const PEER_NAMES = [
  'payment',
  'mail',
  'warehouse',
  'analytics',
  'alert',
] as const;

export type PeerName = (typeof PEER_NAMES)[number];

/** All services that the order application calls. */
export class OrdersPeers implements Record<PeerName, Peer> {
  readonly payment: Peer;
  readonly mail: Peer;
  readonly warehouse: Peer;
  readonly analytics: Peer;
  readonly alert: Peer;

  constructor(print: Print = () => {}) {
    this.payment = new Peer((body) => {
      print(`Payment: ${JSON.stringify(body)}`);
      return charge(body);
    });
    this.mail = printingPeer('Mail', print);
    this.warehouse = printingPeer('Warehouse', print);
    this.analytics = printingPeer('Analytics', print);
    this.alert = printingPeer('Alert', print);
  }

  get all(): readonly Peer[] {
    return PEER_NAMES.map((name) => this[name]);
  }

  /** Starts them, each on a free port, and returns the environment of the application. */
  async listen() {
    return {
      PAYMENT_URL: await this.payment.listen(),
      PAYMENT_API_KEY: 'payment-key',
      MAIL_URL: await this.mail.listen(),
      MAIL_API_KEY: 'mail-key',
      WAREHOUSE_URL: await this.warehouse.listen(),
      ANALYTICS_URL: await this.analytics.listen(),
      ALERT_URL: await this.alert.listen(),
    };
  }

  /** Returns how to control them from outside this process. */
  async controls(): Promise<string> {
    const urls = PEER_NAMES.map((name) => `${name} ${this[name].url}`);
    return `The services: ${urls.join(', ')}`;
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((peer) => peer.close()));
  }
}

/** What {@link OrdersPeers.listen} returns. */
export type OrdersEnvironment = Awaited<ReturnType<OrdersPeers['listen']>>;

function charge(body: unknown): PeerAnswer {
  const { token } = body as { token: string };
  return token === DECLINED_TOKEN
    ? { status: 402, body: { error: 'card_declined' } }
    : { status: 200, body: { id: `ch_${token}`, status: 'succeeded' } };
}
