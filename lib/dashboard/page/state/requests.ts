import type { Failure } from '../../wire/stored.js';

/** The address of the page without a slash at its end, whatever prefix a proxy adds. */
const BASE = location.pathname.replace(/\/+$/, '');

/** The address of something of the dashboard, such as `events`. */
export function addressOf(path: string): string {
  return `${BASE}/${path}`;
}

/** That of the page itself. */
export const PAGE_ADDRESS = location.pathname;

/** Why a request failed, in words for people. */
export class RequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Query = Readonly<Record<string, string | undefined>>;

/** Reads something of the dashboard. */
export function read<T>(path: string, query: Query = {}): Promise<T> {
  return request<T>(path, query, { headers: { accept: 'application/json' } });
}

/** Asks the dashboard to do something. The header is one that another site cannot send. */
export function act<T>(path: string, query: Query): Promise<T> {
  return request<T>(path, query, {
    method: 'POST',
    headers: { accept: 'application/json', 'x-tasks-dashboard': '1' },
  });
}

async function request<T>(
  path: string,
  query: Query,
  init: RequestInit,
): Promise<T> {
  const known = Object.entries(query).filter(([, value]) => value);
  const parameters = new URLSearchParams(known as [string, string][]);
  const response = await fetch(`${addressOf(path)}?${parameters}`, {
    ...init,
    cache: 'no-store',
  }).catch(() => {
    throw new RequestError(0, 'The application does not answer.');
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body as T;
  throw new RequestError(response.status, messageIn(body, response.status));
}

/** The guards of the application answer in its own way. */
function messageIn(body: unknown, status: number): string {
  const { message } = Object(body) as Partial<Failure>;
  if (typeof message === 'string') return message;
  return status === 401 || status === 403
    ? 'You may not do that.'
    : `The application has answered ${status}.`;
}
