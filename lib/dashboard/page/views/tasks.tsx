import { useState } from 'preact/hooks';
import type { TaskRow } from '../../wire/live-message.js';
import { count, several } from '../format.js';
import { Empty } from '../parts/empty.js';
import { statusOf } from '../parts/status-badge.js';
import { TaskTable } from '../parts/task-table.js';
import type { LiveState } from '../state/live-state.js';

const STATUSES = [
  'running',
  'scheduled',
  'retrying',
  'failed',
  'succeeded',
  'enqueued',
  'cancelled',
  'skipped',
  'dropped',
] as const;

interface TasksProps {
  readonly state: LiveState;
  /** The status to begin with; empty for all. */
  readonly status: string;
  readonly open: (task: TaskRow) => void;
}

/** All tasks that the process knows, searched and filtered. */
export function Tasks({ state, status: asked, open }: TasksProps) {
  const [status, setStatus] = useState(asked);
  const [wanted, setWanted] = useState('');
  const text = wanted.trim().toLowerCase();
  const all = [...state.tasks.values()].toReversed();
  const shown = all.filter(
    (task) =>
      (!status || statusOf(task) === status) && (!text || matches(task, text)),
  );
  return (
    <>
      <div class="toolbar">
        <label>
          <span class="hidden">Search by name, key or id</span>
          <input
            type="search"
            placeholder="Search by name, key or id"
            value={wanted}
            onInput={({ currentTarget }) => setWanted(currentTarget.value)}
          />
        </label>
        <label>
          <span class="hidden">Status</span>
          <select
            value={status}
            onChange={({ currentTarget }) => setStatus(currentTarget.value)}
          >
            <option value="">every status</option>
            {STATUSES.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <span class="aside" role="status">
          {several(shown.length, 'task')}
          {state.behind > 0 && `, ${count(state.behind)} more to come`}
        </span>
      </div>
      {shown.length > 0 ? (
        <TaskTable tasks={shown} now={state.now} open={open} />
      ) : (
        <Empty title={all.length ? 'No task is like that' : 'No tasks yet'}>
          {all.length
            ? 'Change the search or the status.'
            : 'Tasks appear here as soon as they are scheduled.'}
        </Empty>
      )}
    </>
  );
}

function matches({ name, id, key }: TaskRow, text: string): boolean {
  return [name, id, key ?? ''].some((part) =>
    part.toLowerCase().includes(text),
  );
}
