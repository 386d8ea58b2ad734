import { isConclusive } from '../figures/comparison.js';
import type { Figure } from '../figures/statistics.js';

/**
 * Measures each of them once in a round, in an order that turns around, so that a busy
 * machine slows all alike.
 */
export async function takeTurns<Name extends string>(
  rounds: number,
  measures: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(measures) as Name[];
  const values = Object.fromEntries(
    names.map((name): [string, number[]] => [name, []]),
  ) as Record<Name, number[]>;
  // The first round is for the compiler.
  for (let round = -1; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const value = await measures[name]();
      if (round >= 0) values[name].push(value);
    }
  }
  return values;
}

/** What it is, and between which bounds it may be. */
export function shown({ median, low, high }: Figure, digits: number): string {
  const [middle, from, to] = [median, low, high].map((n) => n.toFixed(digits));
  return `${middle} (${from} – ${to})`;
}

/** What was told of a ratio, with a `?` where a longer run may tell something else. */
export function verdict(ratio: Figure, told: string): string {
  return isConclusive(ratio) || told !== 'cannot be told' ? told : `${told} ?`;
}
