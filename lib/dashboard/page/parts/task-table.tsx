import { useEffect, useRef, useState } from 'preact/hooks';
import type { TaskRow } from '../../wire/live-message.js';
import { ago, duration } from '../format.js';
import { statusOf, StatusBadge } from './status-badge.js';

const ROW_HEIGHT = 41;
/** Rows beyond the visible ones, so that scrolling shows no gaps. */
const MARGIN = 10;

interface TaskTableProps {
  readonly tasks: readonly TaskRow[];
  readonly now: number;
  readonly open: (task: TaskRow) => void;
}

/** Tasks in a table, of which only the visible rows exist: there may be ten thousand. */
export function TaskTable({ tasks, now, open }: TaskTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [{ top, height }, setView] = useState({ top: 0, height: 800 });
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const update = () =>
      setView({ top: element.scrollTop, height: element.clientHeight });
    const resize = new ResizeObserver(update);
    resize.observe(element);
    element.addEventListener('scroll', update, { passive: true });
    return () => resize.disconnect();
  }, []);
  const rows = Math.ceil(height / ROW_HEIGHT) + 2 * MARGIN;
  // A list that has become shorter is scrolled no further than to its end.
  const furthest = Math.max(0, tasks.length - rows);
  const first = Math.min(
    furthest,
    Math.max(0, Math.floor(top / ROW_HEIGHT) - MARGIN),
  );
  const visible = tasks.slice(first, first + rows);
  const after = Math.max(0, tasks.length - first - visible.length);
  return (
    <div
      class="scroller"
      ref={scroller}
      tabIndex={0}
      role="region"
      aria-label="Tasks, scrollable"
    >
      <table class="tasks" aria-rowcount={tasks.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">Task</th>
            <th scope="col">Status</th>
            <th scope="col" class="wide">
              Phase
            </th>
            <th scope="col" class="wide">
              Attempt
            </th>
            <th scope="col">Waited</th>
            <th scope="col">Ran</th>
            <th scope="col" class="wide">
              Scheduled
            </th>
          </tr>
        </thead>
        <tbody>
          <Gap rows={first} />
          {visible.map((task, index) => (
            <Row
              key={task.number}
              index={first + index + 2}
              task={task}
              now={now}
              open={open}
            />
          ))}
          <Gap rows={after} />
        </tbody>
      </table>
    </div>
  );
}

function Gap({ rows }: { readonly rows: number }) {
  if (rows === 0) return null;
  return (
    <tr aria-hidden="true" class="gap">
      <td style={{ height: `${rows * ROW_HEIGHT}px` }} />
    </tr>
  );
}

function Row(props: {
  readonly index: number;
  readonly task: TaskRow;
  readonly now: number;
  readonly open: (task: TaskRow) => void;
}) {
  const { index, task, now, open } = props;
  const { scheduledAt, runs, endedAt } = task;
  const [started] = runs[0] ?? [];
  const until = endedAt ?? now;
  return (
    <tr aria-rowindex={index}>
      <td>
        <button type="button" class="link" onClick={() => open(task)}>
          {task.name}
        </button>
      </td>
      <td>
        <StatusBadge status={statusOf(task)} />
      </td>
      <td class="wide">{task.phase}</td>
      <td class="wide">
        {task.attempt} / {task.attempts}
      </td>
      <td>{duration((started ?? until) - scheduledAt)}</td>
      <td>{started === undefined ? '–' : duration(until - started)}</td>
      <td class="wide">{ago(scheduledAt, now)}</td>
    </tr>
  );
}
