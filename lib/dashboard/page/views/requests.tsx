import { useState } from 'preact/hooks';
import type { ScopeRow, TaskRow } from '../../wire/live-message.js';
import { ago, duration, several } from '../format.js';
import { Empty } from '../parts/empty.js';
import { endOf, Timeline } from '../parts/timeline.js';
import type { LiveState } from '../state/live-state.js';

interface RequestsProps {
  readonly state: LiveState;
  readonly open: (task: TaskRow) => void;
}

interface Held {
  readonly scopes: readonly ScopeRow[];
  readonly now: number;
}

/** The last requests and other scopes, each as a timeline. */
export function Requests({ state, open }: RequestsProps) {
  const [held, setHeld] = useState<Held>();
  const [wanted, setWanted] = useState('');
  const all = [...state.scopes.values()].toReversed();
  const live = { scopes: all, now: state.now };
  const { scopes, now } = held ?? live;
  const byScope = state.tasksByScope();
  const shown = scopes.filter(({ label }) =>
    label.toLowerCase().includes(wanted.toLowerCase()),
  );
  return (
    <>
      <div class="toolbar">
        <label>
          <span class="hidden">Search by address</span>
          <input
            type="search"
            placeholder="Search by address"
            value={wanted}
            onInput={({ currentTarget }) => setWanted(currentTarget.value)}
          />
        </label>
        <button
          type="button"
          aria-pressed={!!held}
          onClick={() => setHeld(held ? undefined : live)}
        >
          {held ? 'Continue' : 'Hold'}
        </button>
        <ul class="legend">
          <li>
            <i class="handler" aria-hidden="true" />
            handler
          </li>
          <li>
            <i class="sent" aria-hidden="true" />
            response sent
          </li>
          <li>
            <i class="wait" aria-hidden="true" />
            waiting
          </li>
        </ul>
        <span class="aside">{several(shown.length, 'request')}</span>
      </div>
      {shown.length === 0 && (
        <Empty title="No requests yet">
          Requests, messages and other scopes appear here when they schedule
          tasks.
        </Empty>
      )}
      {shown.map((scope) => (
        <Request
          key={scope.number}
          scope={scope}
          tasks={byScope.get(scope.number) ?? []}
          now={now}
          open={open}
        />
      ))}
    </>
  );
}

function Request(props: {
  readonly scope: ScopeRow;
  readonly tasks: readonly TaskRow[];
  readonly now: number;
  readonly open: (task: TaskRow) => void;
}) {
  const { scope, tasks, now, open } = props;
  const { startedAt, responseEndedAt } = scope;
  const took =
    responseEndedAt === undefined
      ? 'not answered yet'
      : `answered after ${duration(responseEndedAt - startedAt)}`;
  const end = endOf(scope, tasks, now);
  return (
    <article class="panel request">
      <div class="panel-head">
        <h2>{scope.label}</h2>
        {scope.statusCode !== undefined && (
          <span class={`code ${scope.hasFailed ? 'bad' : 'good'}`}>
            {scope.statusCode}
          </span>
        )}
        {scope.isDelivered === false && (
          <span class="code bad">not delivered</span>
        )}
        <span class="aside">
          {took} · {endedNote(tasks, end - startedAt)} · {ago(startedAt, now)}
        </span>
      </div>
      <Timeline scope={scope} tasks={tasks} now={now} open={open} />
    </article>
  );
}

function endedNote(tasks: readonly TaskRow[], ms: number): string {
  const isOver = tasks.every(({ endedAt }) => endedAt !== undefined);
  return isOver ? `all done after ${duration(ms)}` : 'not all done yet';
}
