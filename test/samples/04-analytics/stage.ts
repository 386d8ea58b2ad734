import { wallClock } from '../../../sample/.demo/app-message.js';
import type { DemoApp } from '../../../sample/.demo/demo-app.js';
import type { Report } from '../../../sample/.demo/report.js';
import type { TaskRecord } from '../../../sample/.demo/scene-record.js';
import { taskRows } from '../../../sample/.demo/scene-rows.js';
import type { TimelineRow } from '../../../sample/.demo/timeline.js';
import type { AnalyticsPeer } from './analytics-peer.js';
import type { AlertPeer } from './analytics-peers.js';

/** What every scene works with. */
export interface Stage {
  readonly app: DemoApp;
  readonly service: AnalyticsPeer;
  readonly alerts: AlertPeer;
  readonly report: Report;
}

/** Events that a client tracked one after the other. */
export interface TrackedEvents {
  readonly ids: readonly string[];
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** Tracks events of a user, one after the other. */
export async function track(
  { app }: Pick<Stage, 'app'>,
  userId: number,
  count: number,
): Promise<TrackedEvents> {
  const sentAt = wallClock();
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const { body } = await app.post('/track', {
      event: 'page_viewed',
      userId,
      properties: { path: `/products/${index + 1}` },
    });
    ids.push((body as { eventId: string }).eventId);
  }
  return { ids, sentAt, answeredAt: wallClock() };
}

/** The row of a client that tracks. */
export function clientRow(
  what: string,
  { sentAt, answeredAt }: TrackedEvents,
  start: number,
): TimelineRow {
  const [from, to] = [sentAt - start, answeredAt - start];
  return { phase: 'client', what, from, to, outcome: 'HTTP 202' };
}

/** The rows of a batch, whose name is abbreviated. */
export function batchRows(task: TaskRecord, phase?: string): TimelineRow[] {
  const name = task.name.replace('analytics_', '…');
  return taskRows({ ...task, name }, phase);
}
