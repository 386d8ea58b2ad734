import type { Numbers, TaskRow } from '../../wire/live-message.js';
import { count, duration } from '../format.js';
import { Empty } from '../parts/empty.js';
import { Histogram } from '../parts/histogram.js';
import { Panel } from '../parts/panel.js';
import { RateChart } from '../parts/rate-chart.js';
import { TaskList } from '../parts/task-list.js';
import type { LiveState } from '../state/live-state.js';

const SHOWN = 8;

interface OverviewProps {
  readonly state: LiveState;
  readonly numbers: Numbers;
  readonly open: (task: TaskRow) => void;
}

/** What happens now, and what went wrong lately. */
export function Overview({ state, numbers, open }: OverviewProps) {
  const tasks = [...state.tasks.values()];
  const { now } = state;
  const busy = tasks
    .filter(({ endedAt }) => endedAt === undefined)
    .sort((a, b) => rank(a) - rank(b) || a.number - b.number);
  const failed = tasks.filter(({ status }) => status === 'failed').toReversed();
  return (
    <>
      <Tiles numbers={numbers} state={state} />
      <Panel
        title="Ended per second"
        aside={`recording for ${duration(now - (state.process?.recordingSince ?? now))}`}
      >
        <RateChart seconds={state.seconds()} />
      </Panel>
      <div class="columns">
        <Panel title="Wait" aside="last 5 minutes">
          <Histogram what="waited" counts={state.waits} />
        </Panel>
        <Panel title="Run" aside="last 5 minutes">
          <Histogram what="ran" counts={state.runs} />
        </Panel>
      </div>
      <div class="columns">
        <Panel
          title="Now"
          aside={
            busy.length > SHOWN && <a href="#tasks">all {count(busy.length)}</a>
          }
        >
          {busy.length === 0 ? (
            <Empty title="Nothing to do">
              No task runs or waits in this process.
            </Empty>
          ) : (
            <TaskList tasks={busy.slice(0, SHOWN)} now={now} open={open} />
          )}
        </Panel>
        <Panel
          title="Failed lately"
          aside={
            failed.length > SHOWN && (
              <a href="#tasks?status=failed">all {count(failed.length)}</a>
            )
          }
        >
          {failed.length === 0 ? (
            <Empty title="No failures">
              None since this page began to record.
            </Empty>
          ) : (
            <TaskList tasks={failed.slice(0, SHOWN)} now={now} open={open} />
          )}
        </Panel>
      </div>
    </>
  );
}

/** Running tasks first. */
function rank({ status }: TaskRow): number {
  return status === 'running' ? 0 : 1;
}

function Tiles({ numbers, state }: { numbers: Numbers; state: LiveState }) {
  const minute = state.seconds().slice(-60);
  const perMinute = (place: number) => {
    const sum = minute.reduce((so, row) => so + (row[place] ?? 0), 0);
    return `${count(sum)} in the last minute`;
  };
  const { waiting, oldestWaitMs } = numbers;
  const note = waiting
    ? `${count(waiting)} for a slot, oldest ${duration(oldestWaitMs)}`
    : 'none for a slot';
  const dropped = numbers.cancelled + numbers.dropped;
  return (
    <dl class="tiles">
      <Tile name="Running" kind="running" value={numbers.running} note="now" />
      <Tile
        name="Waiting"
        kind="scheduled"
        value={numbers.scheduled}
        note={note}
      />
      <Tile
        name="Succeeded"
        kind="succeeded"
        value={numbers.succeeded}
        note={perMinute(2)}
      />
      <Tile
        name="Failed"
        kind="failed"
        value={numbers.failed}
        note={perMinute(3)}
      />
      {state.process?.hasStore && (
        <Tile
          name="Stored"
          kind="enqueued"
          value={numbers.enqueued}
          note="handed to the store"
        />
      )}
      <Tile
        name="Not run"
        kind="skipped"
        value={dropped + numbers.skipped}
        note={`${count(numbers.skipped)} skipped, ${count(dropped)} cancelled or dropped`}
      />
    </dl>
  );
}

function Tile(props: {
  name: string;
  kind: string;
  value: number;
  note: string;
}) {
  const { name, kind, value, note } = props;
  return (
    <div class={`tile ${kind}`}>
      <dt>{name}</dt>
      <dd>{count(value)}</dd>
      <dd class="tile-note">{note}</dd>
    </div>
  );
}
