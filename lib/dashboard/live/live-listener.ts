import type { ScopeRecord } from './scope-record.js';
import type { TaskRecord } from './task-record.js';

/** Notified of the records that have changed, and of those that are no longer kept. */
export interface LiveListener {
  taskChanged(record: TaskRecord): void;
  taskGone(record: TaskRecord): void;
  scopeChanged(record: ScopeRecord): void;
  scopeGone(record: ScopeRecord): void;
}
