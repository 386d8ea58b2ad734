import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { SecondRow } from '../../wire/live-message.js';
import { count } from '../format.js';

const HEIGHT = 190;
/** Seconds that are shown as one, so that rare tasks make more than needles. */
const STEP = 5;

const LINES = [
  { label: 'succeeded', place: 2, colour: '--good' },
  { label: 'failed', place: 3, colour: '--bad' },
  { label: 'other', place: 4, colour: '--quiet' },
] as const;

/** How many tasks have ended over the last minutes. */
export function RateChart({ seconds }: { readonly seconds: SecondRow[] }) {
  const container = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const steps = inSteps(seconds);
  useEffect(() => {
    const element = container.current;
    if (!element) return;
    const made = new uPlot(optionsFor(element), steps, element);
    chart.current = made;
    const resize = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    resize.observe(element);
    return () => {
      resize.disconnect();
      made.destroy();
    };
  }, []);
  useEffect(() => chart.current?.setData(steps), [steps]);
  const total = (place: number) =>
    seconds.reduce((sum, row) => sum + (row[place] ?? 0), 0);
  const summary = LINES.map(
    ({ label, place }) => `${count(total(place))} ${label}`,
  );
  return (
    <>
      <div
        ref={container}
        class="chart"
        role="img"
        aria-label={`In the last 5 minutes ${summary.join(', ')}`}
      />
      <ul class="legend">
        {LINES.map(({ label, place, colour }) => (
          <li key={label}>
            <i class={colour.slice(2)} aria-hidden="true" />
            {label} <b>{count(total(place))}</b>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Tasks per second, for each step; its time is that of its end. */
function inSteps(seconds: readonly SecondRow[]): uPlot.AlignedData {
  const times: number[] = [];
  const rates: number[][] = LINES.map(() => []);
  // Whole steps by the clock, so that they do not change from one second to the next.
  const from = seconds.findIndex(([second]) => second % STEP === 0);
  for (let start = from; start < seconds.length; start += STEP) {
    // The last step may have begun only.
    const step = seconds.slice(start, start + STEP);
    times.push((step[0]?.[0] ?? 0) + step.length);
    LINES.forEach(({ place }, line) => {
      const sum = step.reduce((so, row) => so + row[place], 0);
      rates[line]?.push(sum / step.length);
    });
  }
  return [times, ...rates];
}

function timeOfDay(second: number): string {
  return new Date(second * 1_000).toLocaleTimeString([], { hour12: false });
}

function optionsFor(element: HTMLElement): uPlot.Options {
  // A canvas has colours, and no names for them: the element is lent each one to compute it.
  const colour = (name: string) => () => {
    element.style.color = `var(${name})`;
    return getComputedStyle(element).color;
  };
  const grid = { stroke: colour('--line'), width: 1 };
  const axis = {
    stroke: colour('--muted'),
    font: '12px system-ui',
    grid,
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, points: { size: 7 } },
    scales: { y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 36,
        gap: 10,
        space: 70,
        values: (_, ticks) => ticks.map(timeOfDay),
      },
      {
        ...axis,
        size: 46,
        values: (_, ticks) => ticks.map((tick) => `${tick}/s`),
      },
    ],
    series: [
      {},
      ...LINES.map((line) => ({
        label: line.label,
        stroke: colour(line.colour),
        fill: () => colour(line.colour)().replace(')', ', 0.13)'),
        width: 2,
        points: { show: false },
      })),
    ],
  };
}
