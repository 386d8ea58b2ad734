import { AlertPeer } from './peers/alert-peer.js';
import { AnalyticsPeer } from './peers/analytics-peer.js';

/**
 * The application with all that it talks to, in one process: nothing has to be
 * configured. What the peers take is printed.
 */
const service = new AnalyticsPeer((events) => {
  console.log(`\nAnalytics: ${events.length} events`);
  for (const event of events) console.log(`  ${JSON.stringify(event)}`);
});
const alerts = new AlertPeer((text) => console.log(`\nAlert: ${text}`));
const variables = {
  ANALYTICS_URL: await service.listen(),
  ALERT_URL: await alerts.listen(),
};
for (const [name, value] of Object.entries(variables)) {
  process.env[name] ??= value;
}
await import('./main.js');
console.log(
  '\nThis puts the analytics service out of order, and with "accept" it works again:\n' +
    `curl -X PUT ${variables.ANALYTICS_URL}/control/reaction -d '{"reaction": "refuse"}'`,
);
