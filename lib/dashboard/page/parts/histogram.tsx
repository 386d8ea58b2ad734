import { DURATION_BOUNDS_MS } from '../../wire/live-message.js';
import { count, duration } from '../format.js';

interface HistogramProps {
  /** What took the time, such as `waited`. */
  readonly what: string;
  readonly counts: readonly number[];
}

/** How many tasks took how long. */
export function Histogram({ what, counts }: HistogramProps) {
  const total = counts.reduce((sum, number) => sum + number, 0);
  const most = Math.max(1, ...counts);
  const summary =
    total === 0
      ? `No task has ${what} yet`
      : `Half of ${count(total)} tasks ${what} less than ${quantile(counts, 0.5)}, 95 % less than ${quantile(counts, 0.95)}`;
  return (
    <figure class="histogram">
      <div class="bars" role="img" aria-label={summary}>
        {counts.map((number, place) => (
          <i
            key={place}
            title={`${labelOf(place)}: ${count(number)}`}
            style={{ height: `${number && 4 + (96 * number) / most}%` }}
          />
        ))}
      </div>
      <div class="bounds" aria-hidden="true">
        <span>1 ms</span>
        <span>50 ms</span>
        <span>2 s</span>
        <span>5 min</span>
      </div>
      <figcaption>
        <span>
          p50 <b>{total ? `< ${quantile(counts, 0.5)}` : '–'}</b>
        </span>
        <span>
          p95 <b>{total ? `< ${quantile(counts, 0.95)}` : '–'}</b>
        </span>
        <span>
          p99 <b>{total ? `< ${quantile(counts, 0.99)}` : '–'}</b>
        </span>
      </figcaption>
    </figure>
  );
}

/** The bound below which this part of them lies. */
function quantile(counts: readonly number[], part: number): string {
  const total = counts.reduce((sum, number) => sum + number, 0);
  let seen = 0;
  const place = counts.findIndex((number) => (seen += number) >= total * part);
  const bound = DURATION_BOUNDS_MS[place];
  return bound === undefined ? '∞' : duration(bound);
}

function labelOf(place: number): string {
  const bound = DURATION_BOUNDS_MS[place];
  if (bound !== undefined) return `less than ${duration(bound)}`;
  return `${duration(DURATION_BOUNDS_MS.at(-1) ?? 0)} and more`;
}
