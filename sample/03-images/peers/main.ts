import { ImagesPeers } from './images-peers.js';

/**
 * The process of the peers: tells its parent where they listen and ends with it, or
 * prints what to put into `.env`.
 */
const urls = await new ImagesPeers().listen();
if (process.send) {
  process.once('disconnect', () => process.exit());
  process.send(urls);
} else {
  for (const [peer, url] of Object.entries(urls)) {
    console.log(`${peer.toUpperCase()}_URL=${url}`);
  }
}
