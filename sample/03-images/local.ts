import { ImagesPeers } from './peers/images-peers.js';

/**
 * The application with all that it talks to, in one process: nothing has to be
 * configured.
 */
const peers = new ImagesPeers();
const { cdn, analytics } = await peers.listen();
const variables = {
  CDN_URL: cdn,
  CDN_API_KEY: 'local',
  ANALYTICS_URL: analytics,
};
for (const [name, value] of Object.entries(variables)) {
  process.env[name] ??= value;
}
await import('./main.js');
console.log(`\nThe CDN is at ${cdn}`);
