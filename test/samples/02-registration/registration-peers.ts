import { Peer, printingPeer, type Print } from '../peer.js';
import { MailServer, type Refusal } from './mail-server.js';

/** All services that the registration application calls. */
export class RegistrationPeers {
  readonly mail;
  readonly analytics;
  readonly alert;

  constructor(print: Print = () => {}) {
    this.mail = new MailServer(({ recipients, parsed }) =>
      print(
        `Mail to ${recipients.join(', ')}: ${parsed.subject}\n\n${parsed.text}`,
      ),
    );
    this.analytics = printingPeer('Analytics', print);
    this.alert = printingPeer('Alert', print);
  }

  /** Starts them, each on a free port, and returns the environment of the application. */
  async listen() {
    return {
      SMTP_URL: await this.mail.listen(),
      ANALYTICS_URL: await this.analytics.listen(),
      ALERT_URL: await this.alert.listen(),
    };
  }

  /** Returns how to make the mail server refuse mails from outside this process. */
  async controls(): Promise<string> {
    const control = new Peer((refusal) => {
      this.mail.refuse(refusal as Refusal);
      return { status: 200, body: refusal };
    });
    const url = await control.listen();
    return `The mail server refuses the next two: curl ${url} -d '{"times": 2}'`;
  }

  reset(): void {
    for (const peer of [this.mail, this.analytics, this.alert]) peer.reset();
  }

  async close(): Promise<void> {
    const peers = [this.mail, this.analytics, this.alert];
    await Promise.all(peers.map((peer) => peer.close()));
  }
}
