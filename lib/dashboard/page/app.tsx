import { useEffect, useState } from 'preact/hooks';
import type { TaskRow } from '../wire/live-message.js';
import { ConnectionNote } from './parts/connection-note.js';
import { PageHeader } from './parts/page-header.js';
import { TaskDialog } from './parts/task-dialog.js';
import { useLive } from './state/use-live.js';
import { useRoute, VIEWS } from './state/use-route.js';
import { Overview } from './views/overview.js';
import { Requests } from './views/requests.js';
import { Stored } from './views/stored.js';
import { Tasks } from './views/tasks.js';

/** The page: a header, the view that was chosen, and the task that was opened. */
export function App() {
  const { state, connection } = useLive();
  const { view, status } = useRoute();
  const [opened, setOpened] = useState<number>();
  useEffect(() => {
    document.title = `${VIEWS[view]} · Tasks`;
  }, [view]);
  const open = (task: TaskRow) => setOpened(task.number);
  const task = opened === undefined ? undefined : state.tasks.get(opened);
  return (
    <>
      <PageHeader view={view} state={state} connection={connection} />
      <main id="main" tabIndex={-1}>
        <h1 class="hidden">{VIEWS[view]}</h1>
        <ConnectionNote connection={connection} isKnown={!!state.process} />
        {!state.numbers && connection === 'connecting' && <Loading />}
        {state.numbers && view === 'overview' && (
          <Overview state={state} numbers={state.numbers} open={open} />
        )}
        {state.numbers && view === 'requests' && (
          <Requests state={state} open={open} />
        )}
        {state.numbers && view === 'stored' && <Stored state={state} />}
        {state.numbers && view === 'tasks' && (
          <Tasks key={status} state={state} status={status} open={open} />
        )}
      </main>
      {opened !== undefined && (
        <TaskDialog
          task={task}
          state={state}
          close={() => setOpened(undefined)}
        />
      )}
    </>
  );
}

function Loading() {
  return (
    <div class="tiles" aria-busy="true">
      <span class="hidden">Loading</span>
      {[1, 2, 3, 4, 5, 6].map((tile) => (
        <div key={tile} class="tile skeleton" />
      ))}
    </div>
  );
}
