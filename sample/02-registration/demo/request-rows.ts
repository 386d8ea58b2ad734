import type { TimelineRow } from '../../01-orders/demo/timeline.js';
import type { PlayedRequest } from './play-request.js';
import type { TaskRecord } from './request-record.js';

/** The rows of a request: its route, its response, and each attempt at each task. */
export function requestRows({ record, client }: PlayedRequest): TimelineRow[] {
  const sentAt = record.at('responseEnded') ?? client.at;
  return [
    {
      phase: 'route',
      what: 'handler',
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
  const { attempts, settledAt } = task;
  const rows = attempts.map(({ from, to, outcome }, index) => ({
    phase: index === 0 ? 'after response' : '',
    what: index === 0 ? task.name : `  attempt ${index + 1}`,
    waitsFrom: attempts[index - 1]?.to ?? task.scheduledAt,
    from,
    to: to ?? from,
    outcome: outcome === 'retrying' ? 'failed, retrying' : outcome,
  }));
  const lastEnd = attempts.at(-1)?.to ?? task.scheduledAt;
  if (settledAt === undefined || settledAt === lastEnd) return rows;
  const dropped = {
    phase: '',
    what: '  no further attempt',
    waitsFrom: lastEnd,
    to: settledAt,
    outcome: task.outcome,
  };
  return [...rows, dropped];
}
