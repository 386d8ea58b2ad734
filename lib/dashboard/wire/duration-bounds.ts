/** The upper bounds of the durations that are counted together; the last have none. */
export const DURATION_BOUNDS_MS: readonly number[] = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000,
  60_000, 300_000,
];

/** How many seconds the rates and durations cover. */
export const WINDOW_SECONDS = 300;
