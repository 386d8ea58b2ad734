import type { TaskRecord } from './order-record.js';
import type { PlayedOrder } from './play-order.js';
import type { TimelineRow } from './timeline.js';

/** The rows that every order has, phase by phase. */
export function orderRows({ record, client }: PlayedOrder): TimelineRow[] {
  const rowsOf = (phase: TaskRecord['phase'], label: string) =>
    record.ofPhase(phase).map((task) => taskRow(task, label));
  const sentAt = record.at('responseEnded');
  return [
    {
      phase: 'route',
      what: 'handler',
      from: record.at('handlerBegan'),
      to: record.at('handlerReturned') ?? 0,
      outcome: 'returned',
    },
    ...rowsOf('immediate', 'immediate'),
    ...rowsOf('afterRoute', 'after route'),
    ...(sentAt === undefined
      ? []
      : [
          {
            phase: 'response',
            what: 'sent',
            to: sentAt,
            outcome: '',
          },
        ]),
    {
      phase: 'client',
      what: client.status ? 'has the response' : 'hangs up',
      waitsFrom: 0,
      to: client.at,
      outcome: client.status ? `HTTP ${client.status}` : 'never had a response',
    },
    ...rowsOf('afterResponse', 'after response'),
  ];
}

function taskRow(task: TaskRecord, phase: string): TimelineRow {
  return {
    phase,
    what: task.name,
    waitsFrom: task.scheduledAt,
    from: task.startedAt,
    to: task.settledAt ?? task.scheduledAt,
    outcome: task.outcome,
  };
}
