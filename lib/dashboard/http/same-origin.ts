import type { IncomingHttpHeaders } from 'node:http';

/** Sent by the page with each action; another site would need a preflight to send it. */
export const ACTION_HEADER = 'x-tasks-dashboard';

/**
 * Whether a request comes from the page itself, or from no browser. Cookies of the guards
 * must serve no other site, also where the application allows requests across origins.
 */
export function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  // Every browser sends it to `https:` and to localhost.
  if (site !== undefined) return site === 'same-origin';
  const { origin, host } = headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
