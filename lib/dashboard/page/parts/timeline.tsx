import type { ScopeRow, TaskRow } from '../../wire/live-message.js';
import { clockTime, duration } from '../format.js';
import { statusOf, StatusBadge } from './status-badge.js';

interface TimelineProps {
  readonly scope: ScopeRow;
  readonly tasks: readonly TaskRow[];
  readonly now: number;
  readonly open: (task: TaskRow) => void;
}

interface Bar {
  readonly kind: string;
  readonly from: number;
  readonly to: number;
  readonly title: string;
}

/** A request on a line of time: its handler, its response, and each of its tasks. */
export function Timeline({ scope, tasks, now, open }: TimelineProps) {
  const start = scope.startedAt;
  const end = Math.max(start + 1, endOf(scope, tasks, now));
  const bars = (all: readonly Bar[]) => (
    <Bars bars={all} start={start} end={end} line={scope.responseEndedAt} />
  );
  const handlerEnd = scope.handlerEndedAt ?? now;
  return (
    <div class="timeline">
      <div class="row">
        <span class="label">handler</span>
        {bars([bar('handler', start, handlerEnd, 'The handler ran')])}
        <span class="took">{duration(handlerEnd - start)}</span>
      </div>
      {tasks.map((task) => (
        <div class="row" key={task.number}>
          <span class="label">
            <button type="button" class="link" onClick={() => open(task)}>
              {task.name}
            </button>
          </span>
          {bars(barsOf(task, now))}
          <span class="took">
            <StatusBadge status={statusOf(task)} />
          </span>
        </div>
      ))}
      <div class="row scale" aria-hidden="true">
        <span class="label" />
        <span class="track">
          <span>0</span>
          <span>{duration((end - start) / 2)}</span>
          <span>{duration(end - start)}</span>
        </span>
        <span class="took" />
      </div>
    </div>
  );
}

function Bars(props: {
  readonly bars: readonly Bar[];
  readonly start: number;
  readonly end: number;
  readonly line: number | undefined;
}) {
  const { bars, start, end, line } = props;
  const at = (time: number) => (100 * (time - start)) / (end - start);
  return (
    <span class="track">
      {bars.map(({ kind, from, to, title }, index) => (
        <i
          key={index}
          class={`bar ${kind}`}
          title={title}
          style={{
            left: `${Math.max(0, at(from))}%`,
            width: `${Math.max(0, at(to) - at(from))}%`,
          }}
        />
      ))}
      {line !== undefined && (
        <i class="sent" style={{ left: `${Math.min(100, at(line))}%` }} />
      )}
    </span>
  );
}

/** Its waiting and its attempts. */
function barsOf(task: TaskRow, now: number): Bar[] {
  const { runs, scheduledAt, endedAt } = task;
  const bars: Bar[] = [];
  let waitingSince: number | undefined = scheduledAt;
  runs.forEach(([from, to], index) => {
    if (waitingSince !== undefined) {
      bars.push(bar('wait', waitingSince, from, 'It waited'));
    }
    const isLast = index === runs.length - 1;
    const kind = to === undefined ? 'running' : isLast ? task.status : 'failed';
    bars.push(bar(kind, from, to ?? now, `Attempt ${index + 1}`));
    waitingSince = to;
  });
  const isSettled = endedAt !== undefined;
  if (!isSettled && waitingSince !== undefined && !isRunning(task)) {
    bars.push(bar('wait', waitingSince, now, 'It waits'));
  } else if (isSettled && runs.length === 0) {
    bars.push(bar('wait', scheduledAt, endedAt, `It was ${task.status}`));
  }
  return bars;
}

function isRunning({ runs }: TaskRow): boolean {
  return runs.at(-1)?.length === 1;
}

function bar(kind: string, from: number, to: number, what: string): Bar {
  const title = `${what} for ${duration(to - from)}, from ${clockTime(from)}`;
  return { kind, from, to, title };
}

/** When the last thing of a scope ended; now while something goes on. */
export function endOf(
  scope: ScopeRow,
  tasks: readonly TaskRow[],
  now: number,
): number {
  const ends = tasks.map(({ endedAt }) => endedAt ?? now);
  return Math.max(
    scope.handlerEndedAt ?? now,
    scope.responseEndedAt ?? scope.startedAt,
    ...ends,
  );
}
