import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

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

/**
 * Whether a request asks for one of these hosts, or for one whose name no other site can
 * have. A site that lets its own name mean the address of this server (DNS rebinding) is
 * of the same origin in the eyes of a browser, and only its name gives it away.
 */
export function isOwnHost(
  headers: IncomingHttpHeaders,
  hosts: readonly string[],
): boolean {
  const host = headers.host ?? headers[':authority'];
  // Every browser sends it.
  if (host === undefined) return true;
  const url = `http://${String(host)}`;
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  if (hosts.some((own) => own.toLowerCase() === hostname)) return true;
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost');
  return isLocal || isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0;
}
