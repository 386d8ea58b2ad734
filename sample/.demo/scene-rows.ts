import type { Ending } from './demo-app.js';
import type { SceneRecord, TaskRecord } from './scene-record.js';
import type { TimelineRow } from './timeline.js';

/** What a client saw: its response, or the moment at which it hung up. */
export interface ClientRecord {
  readonly at: number;
  readonly status?: number;
}

const LABELS: Readonly<Record<TaskRecord['phase'], string>> = {
  immediate: 'immediate',
  afterRoute: 'after route',
  afterResponse: 'after response',
};

const NAME_WIDTH = 22;

/** All rows of a request, phase by phase. */
export function requestRows(
  record: SceneRecord,
  client: ClientRecord,
): TimelineRow[] {
  const tasksOf = (phase: TaskRecord['phase']) =>
    record.ofPhase(phase).flatMap((task) => taskRows(task));
  return [
    handlerRow('handler', record.at('handlerBegan'), record),
    ...tasksOf('immediate'),
    ...tasksOf('afterRoute'),
    ...responseRows(record, client),
    ...tasksOf('afterResponse'),
  ];
}

export function handlerRow(
  what: string,
  from: number | undefined,
  record: SceneRecord,
): TimelineRow {
  const to = record.at('handlerEnded') ?? 0;
  return { phase: 'route', what, from, to, outcome: 'returned' };
}

export function responseRows(
  record: SceneRecord,
  { at, status }: ClientRecord,
): TimelineRow[] {
  return [
    ...momentRow('response', 'sent', record.at('responseEnded')),
    {
      phase: 'client',
      what: status ? 'has the response' : 'hangs up',
      waitsFrom: 0,
      to: at,
      outcome: status ? `HTTP ${status}` : 'never had a response',
    },
  ];
}

/** The rows of a task, one for each attempt. */
export function taskRows(
  task: TaskRecord,
  phase = LABELS[task.phase],
): TimelineRow[] {
  const { attempts, scheduledAt, settledAt, outcome } = task;
  const rows: TimelineRow[] = attempts.map((attempt, index) => ({
    phase: index === 0 ? phase : '',
    what: index === 0 ? shortened(task.name) : `  attempt ${index + 1}`,
    waitsFrom: attempts[index - 1]?.to ?? scheduledAt,
    from: attempt.from,
    to: attempt.to ?? attempt.from,
    outcome:
      attempt.outcome === 'retrying' ? 'failed, retrying' : attempt.outcome,
  }));
  const last = attempts.at(-1);
  if (settledAt === undefined || settledAt === last?.to) return rows;
  const end = { waitsFrom: last?.to ?? scheduledAt, to: settledAt, outcome };
  return last
    ? [...rows, { phase: '', what: '  no further attempt', ...end }]
    : [{ phase, what: shortened(task.name), ...end }];
}

/** The row of a moment; none when it has not come. */
export function momentRow(
  phase: string,
  what: string,
  at: number | undefined,
  outcome = '',
): TimelineRow[] {
  return at === undefined ? [] : [{ phase, what, to: at, outcome }];
}

/** The rows of a process that was stopped by a signal. */
export function endingRows(ending: Ending): TimelineRow[] {
  const { signalAt, closingAt, endedAt, signal, code } = ending;
  const outcome = signal ? `by ${signal}` : `with ${code}`;
  return [
    ...momentRow('process', 'gets SIGTERM', signalAt),
    ...momentRow('', 'closes the database', closingAt ?? endedAt),
    ...momentRow('', 'has ended', endedAt, outcome),
  ];
}

function shortened(name: string): string {
  return name.length <= NAME_WIDTH ? name : `${name.slice(0, NAME_WIDTH - 1)}…`;
}
