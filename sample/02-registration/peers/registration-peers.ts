import { Peer } from '../../01-orders/peers/peer.js';
import { MailServer } from './mail-server.js';

/** Where the peers listen, as the application is told of it. */
export interface PeerUrls {
  readonly SMTP_URL: string;
  readonly ANALYTICS_URL: string;
  readonly ALERT_URL: string;
}

/** All that the application talks to. */
export class RegistrationPeers {
  readonly mail = new MailServer();
  readonly analytics = new Peer(accept);
  readonly alert = new Peer(accept);

  /** Starts them, each on a free port. */
  async listen(): Promise<PeerUrls> {
    return {
      SMTP_URL: await this.mail.listen(),
      ANALYTICS_URL: await this.analytics.listen(),
      ALERT_URL: await this.alert.listen(),
    };
  }

  reset(): void {
    for (const peer of [this.mail, this.analytics, this.alert]) peer.reset();
  }

  async close(): Promise<void> {
    const peers = [this.mail, this.analytics, this.alert];
    await Promise.all(peers.map((peer) => peer.close()));
  }
}

const accept = () => ({ status: 200, body: { accepted: true } });
