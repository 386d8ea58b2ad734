import type { TimelineRow } from '../../01-orders/demo/timeline.js';
import type {
  RequestRecord,
  TaskRecord,
} from '../../02-registration/demo/request-record.js';

/** An upload that was answered, with all that followed; times count from the request. */
export interface PlayedUpload {
  readonly imageId: string;
  readonly record: RequestRecord;
  readonly client: { readonly at: number; readonly status: number };
}

const WIDTH = 22;

/** The rows of an upload: its route, its response, and each attempt at each task. */
export function uploadRows({ record, client }: PlayedUpload): TimelineRow[] {
  const sentAt = record.at('responseEnded') ?? client.at;
  return [
    {
      phase: 'route',
      what: 'upload and handler',
      from: record.at('handlerBegan'),
      to: record.at('handlerReturned') ?? 0,
      outcome: 'returned',
    },
    { phase: 'response', what: 'sent', to: sentAt, outcome: '' },
    {
      phase: 'client',
      what: 'has the response',
      waitsFrom: 0,
      to: client.at,
      outcome: `HTTP ${client.status}`,
    },
    ...record.tasks.flatMap(taskRows),
  ];
}

function taskRows(task: TaskRecord): TimelineRow[] {
  const { attempts, scheduledAt, settledAt, outcome } = task;
  const rows = attempts.map((attempt, index) => ({
    phase: index === 0 ? 'immediate' : '',
    what: index === 0 ? shortened(task.name) : `  attempt ${index + 1}`,
    waitsFrom: attempts[index - 1]?.to ?? scheduledAt,
    from: attempt.from,
    to: attempt.to ?? attempt.from,
    outcome:
      attempt.outcome === 'retrying' ? 'failed, retrying' : attempt.outcome,
  }));
  const lastEnd = attempts.at(-1)?.to ?? scheduledAt;
  if (settledAt === undefined || settledAt === lastEnd) return rows;
  const end = { phase: '', what: '', to: settledAt, outcome };
  return [...rows, end];
}

function shortened(name: string): string {
  return name.length <= WIDTH ? name : `${name.slice(0, WIDTH - 1)}…`;
}
