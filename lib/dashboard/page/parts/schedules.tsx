import type { ScheduleRow } from '../../wire/stored.js';
import { dateTime, duration } from '../format.js';
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
      <table>
        <thead>
          <tr>
            <th scope="col">Task</th>
            <th scope="col">When</th>
            <th scope="col" class="wide">
              Queue
            </th>
            <th scope="col">Next</th>
          </tr>
        </thead>
        <tbody>
          {schedules.map((schedule) => (
            <tr key={`${schedule.queue}/${schedule.name}`}>
              <td>{schedule.name}</td>
              <td>{whenOf(schedule)}</td>
              <td class="wide">{schedule.queue}</td>
              <td
                title={schedule.nextAt ? dateTime(schedule.nextAt) : undefined}
              >
                {schedule.nextAt === undefined
                  ? '–'
                  : `in ${duration(schedule.nextAt - now)}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function whenOf({ cron, timeZone, everyMs }: ScheduleRow) {
  if (cron === undefined) return `every ${duration(everyMs ?? 0)}`;
  return (
    <>
      <code>{cron}</code> {timeZone}
    </>
  );
}
