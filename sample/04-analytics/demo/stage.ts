import type { Checks } from '../../01-orders/demo/checks.js';
import type { AlertPeer } from '../peers/alert-peer.js';
import type { AnalyticsPeer } from '../peers/analytics-peer.js';
import type { DemoApp } from './demo-app.js';

/** All that a part of the demo plays with. */
export interface Stage {
  readonly app: DemoApp;
  readonly service: AnalyticsPeer;
  readonly alerts: AlertPeer;
  readonly checks: Checks;
}
