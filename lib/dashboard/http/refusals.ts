import type { IncomingHttpHeaders } from 'node:http';
import type { Failure } from '../wire/stored.js';
import { ACTION_HEADER, isOwnHost, isSameOrigin } from './same-origin.js';

/** Why a request is not answered, with the status that says so. */
export interface Refusal extends Failure {
  readonly status: number;
}

/** Which requests the dashboard answers, beside what its guards decide. */
export interface RefusalOptions {
  /** The names of the server; undefined when guards decide, and any will do. */
  readonly hosts: readonly string[] | undefined;
  /** Whether the page can do more than read. */
  readonly hasActions: boolean;
}

/** Refuses what another site has requested, be it with the cookies of the user. */
export function refuseOtherSites(
  headers: IncomingHttpHeaders,
  { hosts }: Pick<RefusalOptions, 'hosts'>,
): Refusal | undefined {
  if (!isSameOrigin(headers)) {
    return {
      status: 403,
      code: 'OTHER_SITE',
      message:
        'The dashboard of tasks answers only its own page. Behind a proxy that changes the host, pass on the `Host` header.',
    };
  }
  if (hosts === undefined || isOwnHost(headers, hosts)) return undefined;
  return {
    status: 403,
    code: 'UNKNOWN_HOST',
    message:
      'A dashboard without guards answers only to `localhost`, to IP addresses, and to the names in its option `hosts`. Add this one there.',
  };
}

/** Refuses the same, and every action of a page that may only read. */
export function refuseAction(
  headers: IncomingHttpHeaders,
  options: RefusalOptions,
): Refusal | undefined {
  if (!options.hasActions) {
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
  return refuseOtherSites(headers, options);
}
