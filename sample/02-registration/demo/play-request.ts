import { inOrder, type Checks } from '../../01-orders/demo/checks.js';
import { renderTimeline } from '../../01-orders/demo/timeline.js';
import type { DemoApp } from './demo-app.js';
import type { RequestRecord } from './request-record.js';
import { requestRows } from './request-rows.js';
import type { Stage } from './stage.js';

/** A request that was answered, with all that followed; times count from the request. */
export interface PlayedRequest {
  readonly record: RequestRecord;
  readonly client: { readonly at: number; readonly status: number };
}

/** Sends a request and waits for its response and its tasks. */
export async function playRequest(
  app: DemoApp,
  path: string,
  body: object,
): Promise<PlayedRequest> {
  const { sentAt, answeredAt, status } = await app.post(path, body);
  await app.idle();
  return {
    record: app.record(sentAt),
    client: { at: answeredAt - sentAt, status },
  };
}

/** Sends a request that must be refused; gives the line that says so. */
export async function playRefused(
  { app, checks }: Stage,
  what: string,
  path: string,
  body: object,
  status: number,
): Promise<string> {
  checks.begin(what);
  const { record, client } = await playRequest(app, path, body);
  return checks.claim(
    `${what} is answered with ${status}, and schedules nothing.`,
    client.status === status && record.tasks.length === 0,
  );
}

/** The timeline of a request. */
export function timelineOf(title: string, played: PlayedRequest): string {
  const rows = requestRows(played);
  return renderTimeline({ title, rows, lines: [played.client.at] });
}

/** Holds for every request of the application. */
export function claimAnsweredFirst(
  { record, client }: PlayedRequest,
  status: number,
  checks: Checks,
): string {
  return checks.claim(
    `The response was sent, with ${status}, before the first task started.`,
    client.status === status &&
      record.tasks.length === 2 &&
      record.tasks.every(({ attempts }) =>
        inOrder(record.at('responseEnded'), attempts[0]?.from),
      ),
  );
}
