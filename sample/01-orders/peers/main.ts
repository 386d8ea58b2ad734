import { OrdersPeers } from './orders-peers.js';

/** The process of the peers: says where they listen, and ends with its parent. */
const peers = new OrdersPeers();
const urls = await peers.listen();
process.once('disconnect', () => void peers.close());
if (process.send) process.send(urls);
else console.log(urls);
