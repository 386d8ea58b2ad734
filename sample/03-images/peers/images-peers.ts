import { Peer } from '../../01-orders/peers/peer.js';
import { Cdn } from './cdn.js';

/** All that the image application talks to. */
export class ImagesPeers {
  readonly cdn = new Cdn();
  readonly analytics = new Peer(() => ({
    status: 200,
    body: { accepted: true },
  }));

  /** Starts them, each on a free port, and says where. */
  async listen(): Promise<PeerUrls> {
    return {
      cdn: await this.cdn.listen(),
      analytics: await this.analytics.listen(),
    };
  }

  reset(): void {
    this.cdn.reset();
    this.analytics.reset();
  }

  async close(): Promise<void> {
    await Promise.all([this.cdn.close(), this.analytics.close()]);
  }
}

export type PeerUrls = Readonly<Record<'cdn' | 'analytics', string>>;
