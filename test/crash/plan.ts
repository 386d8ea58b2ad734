/** How much is to happen. */
export interface Plan {
  /** How many orders are accepted at least. */
  readonly count: number;
  /** Whether it goes on until each fault has happened. */
  readonly isThorough: boolean;
  readonly seed: number;
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
