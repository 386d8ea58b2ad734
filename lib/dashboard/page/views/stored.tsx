import { useState } from 'preact/hooks';
import type { LiveState } from '../state/live-state.js';
import { useRead } from '../state/use-read.js';
import type { ActionNote } from '../parts/action-button.js';
import { Empty, Loading } from '../parts/empty.js';
import { Note } from '../parts/note.js';
import { Queues } from '../parts/queues.js';
import { Schedules } from '../parts/schedules.js';
import { StoredList } from '../parts/stored-list.js';
import type { StoreOverview } from '../../wire/stored.js';

/** What the store has, of all processes that share it. */
export function Stored({ state }: { readonly state: LiveState }) {
  const hasStore = state.process?.hasStore;
  if (!hasStore) {
    return (
      <Empty title="There is no store">
        Durable tasks appear here once `TasksModule` has an `engine`.
      </Empty>
    );
  }
  return <Store hasActions={!!state.process?.hasActions} now={state.now} />;
}

function Store({ hasActions, now }: { hasActions: boolean; now: number }) {
  const { data, error, reload } = useRead<StoreOverview>('stored/overview');
  const [note, setNote] = useState<ActionNote>();
  const [queue, setQueue] = useState('');
  const done = (came: ActionNote) => {
    setNote(came);
    reload();
  };
  return (
    <>
      <Note note={note} problem={error && `Queues: ${error}`} />
      {data ? (
        <>
          <Queues
            queues={data.queues}
            chosen={queue}
            choose={setQueue}
            hasActions={hasActions}
            done={done}
          />
          <Schedules schedules={data.schedules} now={now} />
        </>
      ) : (
        !error && <Loading what="Queues" />
      )}
      <StoredList
        queues={data?.queues ?? []}
        queue={queue}
        setQueue={setQueue}
        hasActions={hasActions}
        changed={reload}
        now={now}
      />
    </>
  );
}
