import type { Checks } from '../../01-orders/demo/checks.js';
import type { ImagesPeers } from '../peers/images-peers.js';
import type { DemoApp } from './demo-app.js';

/** All that a part of the demo plays with. */
export interface Stage {
  readonly app: DemoApp;
  readonly peers: ImagesPeers;
  readonly checks: Checks;
  /** What is uploaded. */
  readonly photo: Buffer;
}
