import type { RouteVerdict, TaskResponse } from '../task/task-phase.js';

/** How a handler ended. */
export interface RouteEnd {
  /** The verdict for after-route tasks. */
  readonly failed: boolean;
  /** Whether it failed with an error. */
  readonly threw: boolean;
  /** Whether no response waits for its after-route tasks. */
  readonly isUnawaited?: boolean | undefined;
  /** Whether an error of it decides for after-response tasks, whatever the response says. */
  readonly errorDecides?: boolean | undefined;
  /** The response that would have to carry the error of a required task. */
  readonly response?: { readonly headersSent: boolean } | undefined;
}

/** How the response of a scope ended. */
export interface ResponseEnd {
  /** `undefined` when the response is inconclusive and the route's end decides. */
  readonly succeeded: boolean | undefined;
  readonly response?: TaskResponse | undefined;
}

/** The end of a route whose handler succeeded, and a required task of it failed. */
export function failedInDrain(end: RouteEnd): RouteEnd {
  const errorDecides = end.errorDecides || end.response?.headersSent;
  return { ...end, threw: true, errorDecides };
}

export function verdictOf(succeeded: boolean): RouteVerdict {
  return succeeded ? 'success' : 'failure';
}

/** The verdict for after-response tasks. */
export function finalVerdict(
  { threw, errorDecides }: RouteEnd,
  { succeeded }: ResponseEnd,
): RouteVerdict {
  if (threw && errorDecides) return 'failure';
  return verdictOf(succeeded ?? !threw);
}
