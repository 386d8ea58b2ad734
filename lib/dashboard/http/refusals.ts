import type { IncomingHttpHeaders } from 'node:http';
import type { Failure } from '../wire/stored.js';
import { ACTION_HEADER, isSameOrigin } from './same-origin.js';

/** Why a request is not answered, with the status that says so. */
export interface Refusal extends Failure {
  readonly status: number;
}

/** Refuses what another site has requested with the cookies of the user. */
export function refuseOtherSites(
  headers: IncomingHttpHeaders,
): Refusal | undefined {
  if (isSameOrigin(headers)) return undefined;
  return {
    status: 403,
    code: 'OTHER_SITE',
    message:
      'The dashboard of tasks answers only its own page. Behind a proxy that changes the host, pass on the `Host` header.',
  };
}

/** Refuses the same, and every action of a page that may only read. */
export function refuseAction(
  headers: IncomingHttpHeaders,
  hasActions: boolean,
): Refusal | undefined {
  if (!hasActions) {
    return {
      status: 403,
      code: 'READ_ONLY',
      message:
        'This dashboard is read-only. Set `actions: true` to allow actions.',
    };
  }
  if (headers[ACTION_HEADER] === undefined) {
    return {
      status: 403,
      code: 'NOT_FROM_PAGE',
      message: `Actions need the header \`${ACTION_HEADER}\`, which the page sends.`,
    };
  }
  return refuseOtherSites(headers);
}
