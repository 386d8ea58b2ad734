import type { Checks } from '../../01-orders/demo/checks.js';
import type { RegistrationPeers } from '../peers/registration-peers.js';
import type { DemoApp } from './demo-app.js';

/** All that a part of the demo plays with. */
export interface Stage {
  readonly app: DemoApp;
  readonly peers: RegistrationPeers;
  readonly checks: Checks;
}
