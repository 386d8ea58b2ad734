/** One line of a timeline; times are milliseconds since the request. */
export interface TimelineRow {
  readonly phase: string;
  readonly what: string;
  /** Where the bar that stands for waiting begins; it ends at `from`. */
  readonly waitsFrom?: number | undefined;
  /** Without it, only `to` is drawn, as a moment. */
  readonly from?: number | undefined;
  readonly to: number;
  readonly outcome: string;
}

export interface Timeline {
  readonly title: string;
  readonly rows: readonly TimelineRow[];
  /** Times that matter to all rows, each drawn as a vertical line. */
  readonly lines: readonly number[];
}

export const LEGEND = `\
  ██  runs                     ◆  a moment
  ··  is scheduled and waits   ┊  the client has its response, or is gone

"Sent" is when the operating system has the whole response; the client may read it a little before or after.
`;

const TICKS = 5;
const TICK_WIDTH = 9;
const WIDTH = TICKS * TICK_WIDTH + 1;
const STEPS = [
  1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 300,
  500,
];

/** The timeline as text: a scale, and one bar a row. */
export function renderTimeline({ title, rows, lines }: Timeline): string {
  const end = Math.max(...rows.map(({ to }) => to), ...lines);
  const step = STEPS.find((ms) => ms * TICKS >= end) ?? end / TICKS;
  const columnOf = (ms: number) =>
    Math.min(WIDTH - 1, Math.max(0, Math.floor((ms / step) * TICK_WIDTH)));
  const labels = Array.from({ length: TICKS + 1 }, (_, tick) =>
    String(tick * step).padEnd(TICK_WIDTH),
  );
  const scale = `┬${'─'.repeat(TICK_WIDTH - 1)}`.repeat(TICKS);
  return [
    title,
    `  ${line('', 'ms since the request →', labels.join(''), 'from', 'to', '')}`,
    `  ${line('phase', 'what', `${scale}┬`, 'ms', 'ms', 'outcome')}`,
    ...rows.map(
      (row) =>
        `  ${line(row.phase, row.what, bar(row, lines, columnOf), number(row.from), number(row.to), row.outcome)}`,
    ),
  ].join('\n');
}

function line(
  phase: string,
  what: string,
  chart: string,
  from: string,
  to: string,
  outcome: string,
): string {
  return `${phase.padEnd(14)} ${what.padEnd(22)} ${chart.trimEnd().padEnd(WIDTH)} ${from.padStart(6)} ${to.padStart(6)}  ${outcome}`.trimEnd();
}

function bar(
  { waitsFrom, from, to }: TimelineRow,
  lines: readonly number[],
  columnOf: (ms: number) => number,
): string {
  const cells = Array<string>(WIDTH).fill(' ');
  for (const ms of lines) cells[columnOf(ms)] = '┊';
  const start = columnOf(from ?? to);
  if (waitsFrom !== undefined) {
    cells.fill('·', columnOf(waitsFrom), start);
  }
  if (from === undefined) cells[start] = '◆';
  else cells.fill('█', start, columnOf(to) + 1);
  return cells.join('');
}

function number(ms: number | undefined): string {
  return ms === undefined ? '' : ms.toFixed(1);
}
