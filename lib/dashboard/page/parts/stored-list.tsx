import { useEffect, useState } from 'preact/hooks';
import {
  type QueueRow,
  type StoredPageRow,
  type StoredTaskRow,
} from '../../wire/stored.js';
import { ago, duration, messageOf, several } from '../format.js';
import { read } from '../state/requests.js';
import { useRead } from '../state/use-read.js';
import { ActionButton, type ActionNote } from './action-button.js';
import { Empty, Loading } from './empty.js';
import { Note } from './note.js';
import { StatusBadge } from './status-badge.js';
import { StoredDialog } from './stored-dialog.js';
import { StoredSearch, type StoredQuery } from './stored-search.js';

interface StoredListProps {
  readonly queues: readonly QueueRow[];
  readonly queue: string;
  readonly setQueue: (queue: string) => void;
  readonly hasActions: boolean;
  readonly changed: () => void;
  readonly now: number;
}

/** Stored tasks that match a search, page after page. */
export function StoredList(props: StoredListProps) {
  const { queues, queue, setQueue, hasActions, changed, now } = props;
  const [search, setSearch] = useState<StoredQuery>({});
  const [opened, setOpened] = useState<StoredTaskRow>();
  const [note, setNote] = useState<ActionNote>();
  const query = { ...search, queue: search.id ? undefined : queue };
  const first = useRead<StoredPageRow>('stored/tasks', query);
  const more = useMore(query, first.data);
  const tasks = [...(first.data?.tasks ?? []), ...more.tasks];
  const reload = () => {
    first.reload();
    changed();
  };
  const problem = first.error ?? more.error;
  const canRetryAll =
    hasActions && search.status === 'failed' && tasks.length > 0;
  return (
    <section aria-label="Stored tasks">
      <StoredSearch
        queues={queues}
        queue={queue}
        setQueue={setQueue}
        search={setSearch}
      >
        {canRetryAll && (
          <ActionButton
            label="Run all again"
            question="All that match, not only those shown?"
            path="stored/retry"
            query={query}
            done={(came) => {
              setNote(came);
              reload();
            }}
          />
        )}
      </StoredSearch>
      <Note note={note} problem={problem && `Tasks: ${problem}`} />
      {!first.data && !problem && <Loading what="Tasks" />}
      {tasks.length === 0 && first.data && (
        <Empty title="No stored task is like that" />
      )}
      {tasks.length > 0 && (
        <div
          class="scroller free"
          tabIndex={0}
          role="region"
          aria-label="Stored tasks, scrollable"
        >
          <table class="tasks">
            <thead>
              <tr>
                <th scope="col">Task</th>
                <th scope="col">Status</th>
                <th scope="col" class="wide">
                  Queue
                </th>
                <th scope="col" class="wide">
                  Attempts
                </th>
                <th scope="col">When</th>
              </tr>
            </thead>
            <tbody>
              {tasks.map((task) => (
                <tr key={task.id}>
                  <td>
                    <button
                      type="button"
                      class="link"
                      onClick={() => setOpened(task)}
                    >
                      {task.name}
                    </button>
                  </td>
                  <td>
                    <StatusBadge status={task.status} />
                  </td>
                  <td class="wide">{task.queue}</td>
                  <td class="wide">{task.attempt}</td>
                  <td>{whenOf(task, now)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div class="toolbar below">
        {more.cursor && (
          <button type="button" onClick={more.load}>
            Show more
          </button>
        )}
        <span class="aside" role="status">
          {first.data && `${several(tasks.length, 'task')} shown`}
        </span>
      </div>
      {opened && (
        <StoredDialog
          task={opened}
          hasActions={hasActions}
          changed={reload}
          close={() => setOpened(undefined)}
        />
      )}
    </section>
  );
}

/** The pages after the first, until the search changes. */
function useMore(query: object, first: StoredPageRow | undefined) {
  const [pages, setPages] = useState<readonly StoredPageRow[]>([]);
  const [error, setError] = useState<string>();
  const key = JSON.stringify(query);
  useEffect(() => {
    setPages([]);
    setError(undefined);
  }, [key]);
  const cursor = (pages.at(-1) ?? first)?.cursor;
  const load = () => {
    read<StoredPageRow>('stored/tasks', { ...query, cursor }).then(
      (page) => setPages([...pages, page]),
      (thrown: unknown) => setError(messageOf(thrown)),
    );
  };
  return { tasks: pages.flatMap(({ tasks }) => tasks), cursor, error, load };
}

function whenOf(task: StoredTaskRow, now: number): string {
  const { endedAt, startedAt, dueAt, scheduledAt, status } = task;
  if (endedAt !== undefined) return ago(endedAt, now);
  if (status === 'running' && startedAt !== undefined) {
    return `runs for ${duration(now - startedAt)}`;
  }
  if (status === 'delayed' && dueAt !== undefined) {
    return `due in ${duration(dueAt - now)}`;
  }
  return scheduledAt === undefined ? '–' : `stored ${ago(scheduledAt, now)}`;
}
