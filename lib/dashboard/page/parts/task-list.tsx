import type { TaskRow } from '../../wire/live-message.js';
import { ago, duration } from '../format.js';
import { statusOf, StatusBadge } from './status-badge.js';

interface TaskListProps {
  readonly tasks: readonly TaskRow[];
  readonly now: number;
  readonly open: (task: TaskRow) => void;
}

/** A few tasks, each with what matters about it now. */
export function TaskList({ tasks, now, open }: TaskListProps) {
  return (
    <ul class="list">
      {tasks.map((task) => (
        <li key={task.number}>
          <button type="button" class="item" onClick={() => open(task)}>
            <span class="item-name">{task.name}</span>
            <StatusBadge status={statusOf(task)} />
            <span class="item-note">{noteOf(task, now)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function noteOf(task: TaskRow, now: number): string {
  const { status, endedAt, error, runs, scheduledAt } = task;
  if (endedAt !== undefined) {
    const when = ago(endedAt, now);
    return error ? `${when} · ${error.message}` : when;
  }
  if (status === 'running') {
    const [since = now] = runs.at(-1) ?? [];
    const tries = task.attempt > 1 ? ` · attempt ${task.attempt}` : '';
    return `for ${duration(now - since)}${tries}`;
  }
  return `waits for ${duration(now - scheduledAt)}`;
}
