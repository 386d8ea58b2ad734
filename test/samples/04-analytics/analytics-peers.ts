import { Peer, type Print } from '../peer.js';
import { AnalyticsPeer } from './analytics-peer.js';

/** Receives the alerts of the application. */
export class AlertPeer extends Peer {
  constructor(print: Print = () => {}) {
    super((body) => {
      print(`Alert: ${(body as { text: string }).text}`);
      return { status: 200, body: { accepted: true } };
    });
  }

  get texts(): string[] {
    return this.received.map(({ body }) => (body as { text: string }).text);
  }
}

/** All services that the analytics application calls. */
export class AnalyticsPeers {
  readonly service;
  readonly alerts;

  constructor(print: Print = () => {}) {
    this.service = new AnalyticsPeer((events) =>
      print(
        [
          `Analytics: ${events.length} events`,
          ...events.map((event) => `  ${JSON.stringify(event)}`),
        ].join('\n'),
      ),
    );
    this.alerts = new AlertPeer(print);
  }

  /** Starts them, each on a free port, and returns the environment of the application. */
  async listen() {
    return {
      ANALYTICS_URL: await this.service.listen(),
      ALERT_URL: await this.alerts.listen(),
    };
  }

  /** Returns how to control the service from outside this process. */
  async controls(): Promise<string> {
    const url = `${this.service.url}/control/reaction`;
    return (
      'This makes the analytics service fail, and "accept" makes it work again:\n' +
      `curl -X PUT ${url} -d '{"reaction": "refuse"}'`
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.service.close(), this.alerts.close()]);
  }
}
