import { AlertPeer } from './alert-peer.js';
import { AnalyticsPeer } from './analytics-peer.js';

/** Starts the peers by hand, and prints what to put into `.env`. */
console.log(`ANALYTICS_URL=${await new AnalyticsPeer().listen()}`);
console.log(`ALERT_URL=${await new AlertPeer().listen()}`);
