/** How often each task recurs. */
export const EVERY_MS = 10_000;
const TASKS = 50;

/** A line in the file of all runs. */
export interface Run {
  readonly name: string;
  readonly dueMs: number;
  readonly attempt: number;
  readonly pid: number;
  readonly atMs: number;
}

type Dates = { readonly every: number } | { readonly cron: string };

/** Half of them at the same moments, the others a second apart. */
export function recurringTasks(): [name: string, dates: Dates][] {
  return Array.from({ length: TASKS }, (_, number) => [
    `task ${number}`,
    number % 2 === 0
      ? { every: EVERY_MS }
      : { cron: `${shiftOf(number) / 1_000}/10 * * * * *` },
  ]);
}

/** How long after the multiples of the interval a task recurs. */
export function shiftOf(number: number): number {
  return number % 2 === 0 ? 0 : (((number - 1) / 2) % 10) * 1_000;
}
