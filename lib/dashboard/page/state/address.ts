/** The address of the page without a slash at its end, whatever prefix a proxy adds. */
const BASE = location.pathname.replace(/\/+$/, '');

/** The address of something of the dashboard, such as `events`. */
export function addressOf(path: string): string {
  return `${BASE}/${path}`;
}

/** That of the page itself. */
export const PAGE_ADDRESS = location.pathname;
