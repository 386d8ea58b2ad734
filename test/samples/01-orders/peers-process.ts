import { OrdersPeers } from './orders-peers.js';

/** Runs the peers in a process of their own, which reports their URLs and ends with its parent. */
process.once('disconnect', () => process.exit());
process.send?.(await new OrdersPeers().listen());
