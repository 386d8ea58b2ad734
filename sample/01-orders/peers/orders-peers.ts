import { Peer, type PeerAnswer } from './peer.js';

/** The gateway declines this card; it accepts all others. */
export const DECLINED_TOKEN = 'tok_declined';

export type PeerName = 'payment' | 'mail' | 'warehouse' | 'analytics' | 'alert';

/** All that the order application talks to. */
export class OrdersPeers implements Record<PeerName, Peer> {
  readonly payment = new Peer(charge);
  readonly mail = new Peer(accept);
  readonly warehouse = new Peer(accept);
  readonly analytics = new Peer(accept);
  readonly alert = new Peer(accept);

  get all(): readonly Peer[] {
    const { payment, mail, warehouse, analytics, alert } = this;
    return [payment, mail, warehouse, analytics, alert];
  }

  /** Starts them, each on a free port, and says where. */
  async listen(): Promise<Record<PeerName, string>> {
    return {
      payment: await this.payment.listen(),
      mail: await this.mail.listen(),
      warehouse: await this.warehouse.listen(),
      analytics: await this.analytics.listen(),
      alert: await this.alert.listen(),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((peer) => peer.close()));
  }
}

function charge(body: unknown): PeerAnswer {
  const { token } = body as { token: string };
  return token === DECLINED_TOKEN
    ? { status: 402, body: { error: 'card_declined' } }
    : { status: 200, body: { id: `ch_${token}`, status: 'succeeded' } };
}

function accept(): PeerAnswer {
  return { status: 200, body: { accepted: true } };
}
