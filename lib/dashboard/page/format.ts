/** A duration as people read it: `3 ms`, `1.2 s`, `4 min 10 s`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  const rest = Math.max(0, ms);
  if (rest < 1_000) return `${Math.round(rest)} ms`;
  if (rest < 60_000)
    return `${(rest / 1_000).toFixed(rest < 10_000 ? 1 : 0)} s`;
  const seconds = Math.round(rest / 1_000);
  if (seconds < 3_600) return join(seconds, 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return join(minutes, 60, 'h', 'min');
  return join(Math.round(minutes / 60), 24, 'd', 'h');
}

function join(total: number, per: number, big: string, small: string): string {
  const rest = total % per;
  const whole = `${Math.floor(total / per)} ${big}`;
  return rest === 0 ? whole : `${whole} ${rest} ${small}`;
}

/** How long ago something was. */
export function ago(time: number, now: number): string {
  const passed = now - time;
  return passed < 1_000 ? 'just now' : `${duration(passed)} ago`;
}

/** The time of day, with milliseconds. */
export function clockTime(time: number): string {
  const date = new Date(time);
  const text = date.toLocaleTimeString([], { hour12: false });
  return `${text}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

export function dateTime(time: number): string {
  return new Date(time).toLocaleString([], {
    dateStyle: 'medium',
    timeStyle: 'medium',
  });
}

const NUMBERS = new Intl.NumberFormat('en');

export function count(value: number): string {
  return NUMBERS.format(value);
}

/** `1 task`, `2 tasks`. */
export function several(value: number, one: string): string {
  return `${count(value)} ${one}${value === 1 ? '' : 's'}`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
