import type { TaskRow, TaskRowStatus } from '../../wire/live-message.js';
import type { StoredStatus } from '../../wire/stored.js';

/** A status beyond those of tasks: one that waits for another attempt. */
export type ShownStatus = TaskRowStatus | StoredStatus | 'retrying';

export function statusOf({ status, attempt }: TaskRow): ShownStatus {
  return status === 'scheduled' && attempt > 0 ? 'retrying' : status;
}

export function StatusBadge({ status }: { readonly status: ShownStatus }) {
  return (
    <span class={`badge ${status}`}>
      <i aria-hidden="true" />
      {status}
    </span>
  );
}
