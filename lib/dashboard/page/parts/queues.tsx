import { STORED_STATUSES, type QueueRow } from '../../wire/stored.js';
import { count } from '../format.js';
import { ActionButton, type ActionNote } from './action-button.js';
import { Panel } from './panel.js';

interface QueuesProps {
  readonly queues: readonly QueueRow[];
  readonly chosen: string;
  readonly choose: (queue: string) => void;
  readonly hasActions: boolean;
  readonly done: (note: ActionNote) => void;
}

/** The queues of the store, with the number of their tasks. */
export function Queues(props: QueuesProps) {
  const { queues, chosen, choose, hasActions, done } = props;
  return (
    <Panel title="Queues" class="flush">
      <div
        class="wide-table"
        tabIndex={0}
        role="region"
        aria-label="Queues, scrollable"
      >
        <table>
          <thead>
            <tr>
              <th scope="col">Queue</th>
              {STORED_STATUSES.map((status) => (
                <th key={status} scope="col" class="right">
                  {status}
                </th>
              ))}
              {hasActions && (
                <th scope="col" class="right">
                  Action
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {queues.map(({ name, counts, isPaused }) => (
              <tr key={name}>
                <td>
                  <button
                    type="button"
                    class="link"
                    aria-pressed={name === chosen}
                    onClick={() => choose(name === chosen ? '' : name)}
                  >
                    {name}
                  </button>
                  {isPaused && <span class="badge waiting">paused</span>}
                </td>
                {STORED_STATUSES.map((status) => (
                  <td
                    key={status}
                    class={`right ${counts[status] ? `some ${status}` : 'none'}`}
                  >
                    {count(counts[status])}
                  </td>
                ))}
                {hasActions && (
                  <td class="right">
                    <ActionButton
                      key={String(isPaused)}
                      label={isPaused ? 'Resume' : 'Pause'}
                      question={
                        isPaused
                          ? `Start tasks of “${name}” again?`
                          : `Start no more tasks of “${name}”?`
                      }
                      path={isPaused ? 'stored/resume' : 'stored/pause'}
                      query={{ queue: name }}
                      done={done}
                    />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
