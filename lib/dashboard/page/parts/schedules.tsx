import type { ScheduleRow } from '../../wire/stored.js';
import { ago, dateTime, duration } from '../format.js';
import { Panel } from './panel.js';

interface SchedulesProps {
  readonly schedules: readonly ScheduleRow[];
  readonly now: number;
}

/** The recurring tasks, if there are any. */
export function Schedules({ schedules, now }: SchedulesProps) {
  if (schedules.length === 0) return null;
  return (
    <Panel title="Recurring" class="flush">
      <div
        class="wide-table"
        tabIndex={0}
        role="region"
        aria-label="Recurring, scrollable"
      >
        <table class="wrap">
          <thead>
            <tr>
              <th scope="col">Task</th>
              <th scope="col">When</th>
              <th scope="col" class="wide">
                Queue
              </th>
              <th scope="col">Last</th>
              <th scope="col">Next</th>
            </tr>
          </thead>
          <tbody>
            {schedules.map((schedule) => (
              <tr key={`${schedule.queue}/${schedule.name}`}>
                <td>{schedule.name}</td>
                <td>{whenOf(schedule)}</td>
                <td class="wide">{schedule.queue}</td>
                <Occurrence at={schedule.lastAt} text={(at) => ago(at, now)} />
                <Occurrence
                  at={schedule.nextAt}
                  text={(at) => (at > now ? `in ${duration(at - now)}` : 'due')}
                />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

interface OccurrenceProps {
  /** A store need not say when it was, or will be. */
  readonly at: number | undefined;
  readonly text: (at: number) => string;
}

function Occurrence({ at, text }: OccurrenceProps) {
  if (at === undefined) return <td>–</td>;
  return <td title={dateTime(at)}>{text(at)}</td>;
}

function whenOf({ cron, timeZone, everyMs }: ScheduleRow) {
  if (cron === undefined) return `every ${duration(everyMs ?? 0)}`;
  return (
    <>
      <code>{cron}</code> {timeZone}
    </>
  );
}
