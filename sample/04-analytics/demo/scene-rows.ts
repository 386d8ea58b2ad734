import type { TimelineRow } from '../../01-orders/demo/timeline.js';
import type { TaskRecord } from './app-record.js';
import type { TrackedEvents } from './demo-app.js';

/** The row of a client that tracks. */
export function clientRow(
  what: string,
  { sentAt, answeredAt }: TrackedEvents,
  start: number,
): TimelineRow {
  return {
    phase: 'client',
    what,
    from: sentAt - start,
    to: answeredAt - start,
    outcome: 'HTTP 202',
  };
}

/** The rows of a task, one for each attempt. */
export function taskRows(
  { name, scheduledAt, attempts }: TaskRecord,
  phase = 'immediate',
): TimelineRow[] {
  return attempts.map(({ from, to, outcome }, index) => ({
    phase: index === 0 ? phase : '',
    what:
      index === 0 ? name.replace('analytics_', '…') : `  attempt ${index + 1}`,
    waitsFrom: attempts[index - 1]?.to ?? scheduledAt,
    from,
    to,
    outcome: outcome === 'retrying' ? 'failed, retrying' : outcome,
  }));
}

/** The row of something that happens at one moment; no row when it does not happen. */
export function momentRow(
  phase: string,
  what: string,
  at: number | undefined,
  outcome = '',
): TimelineRow[] {
  return at === undefined ? [] : [{ phase, what, to: at, outcome }];
}
