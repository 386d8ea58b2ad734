import { printingPeer, type Print } from '../peer.js';
import { Cdn } from './cdn.js';

/** All services that the image application calls. */
export class ImagesPeers {
  readonly cdn = new Cdn();
  readonly analytics;

  constructor(print: Print = () => {}) {
    this.analytics = printingPeer('Analytics', print);
  }

  /** Starts them, each on a free port, and returns the environment of the application. */
  async listen() {
    return {
      CDN_URL: await this.cdn.listen(),
      CDN_API_KEY: 'cdn-key',
      ANALYTICS_URL: await this.analytics.listen(),
    };
  }

  /** Returns how to control them from outside this process. */
  async controls(): Promise<string> {
    return `The CDN is at ${this.cdn.url}`;
  }

  reset(): void {
    this.cdn.reset();
    this.analytics.reset();
  }

  async close(): Promise<void> {
    await Promise.all([this.cdn.close(), this.analytics.close()]);
  }
}
