import type { StoredJob } from '../durable/stored-jobs.js';
import type {
  StoredTaskError,
  StoredTaskStatus,
} from '../durable/stored-task.js';
import { jobOf } from './job-row.js';

/** A job as the statements return it. */
export interface StoredRow {
  readonly name: string;
  readonly id: string;
  readonly data: string | null;
  readonly output: string | null;
  readonly status: string;
  readonly attempt: string;
  /** Microseconds since 1970, as the others. */
  readonly stored: string;
  readonly due: string;
  readonly started: string | null;
  readonly ended: string | null;
}

/** What `output` has of a job. Anything may be there. */
interface Output {
  readonly name: unknown;
  readonly message: unknown;
  readonly stack: unknown;
  readonly result: unknown;
  readonly keepMs: unknown;
  readonly progress: unknown;
}

export function storedJobOf(row: StoredRow, queue: string): StoredJob {
  const status = statusOf(row.status);
  const output = Object(parsed(row.output)) as Partial<Output>;
  const endedAt = dateOf(row.ended);
  return {
    jobId: row.id,
    queue,
    data: jobOf(parsed(row.data)),
    status,
    attempt: Number(row.attempt),
    storedAt: dateOf(row.stored),
    dueAt: status === 'delayed' ? dateOf(row.due) : undefined,
    startedAt: dateOf(row.started),
    endedAt,
    error: status === 'succeeded' ? undefined : errorOf(output),
    progress: textOf(output.progress),
    result: isOver(output, endedAt) ? undefined : textOf(output.result),
  };
}

/** Whether a result is no longer to be kept, though the table still has it. */
function isOver({ keepMs }: Partial<Output>, endedAt = 0): boolean {
  return typeof keepMs === 'number' && endedAt + keepMs <= Date.now();
}

function errorOf({
  name,
  message,
  stack,
}: Partial<Output>): StoredTaskError | undefined {
  if (typeof message !== 'string') return undefined;
  return { name: textOf(name) ?? 'Error', message, stack: textOf(stack) };
}

function statusOf(status: string): StoredTaskStatus {
  if (status === 'active') return 'running';
  if (status === 'completed') return 'succeeded';
  return status as StoredTaskStatus;
}

function dateOf(microseconds: string | null): number | undefined {
  return microseconds === null
    ? undefined
    : Math.floor(Number(microseconds) / 1_000);
}

function parsed(text: string | null): unknown {
  return text === null ? undefined : (JSON.parse(text) as unknown);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
