import { isConclusive, keeps, ratios, reaches } from '../figures/comparison.js';
import { figureOf, type Figure } from '../figures/statistics.js';

/**
 * Takes each measurement once per round, in an order that is reversed every other round,
 * so that a busy machine slows all equally.
 */
export async function takeTurns<Name extends string>(
  rounds: number,
  measures: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(measures) as Name[];
  const values = Object.fromEntries(
    names.map((name): [string, number[]] => [name, []]),
  ) as Record<Name, number[]>;
  // The first round warms up the compiler, and is not counted.
  for (let round = -1; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const value = await measures[name]();
      if (round >= 0) values[name].push(value);
    }
  }
  return values;
}

/** A row of the table: a queue used alone, ours, their ratio, and its limit or goal, if any. */
export function rowOf(
  title: string,
  bare: readonly number[],
  ours: readonly number[],
  digits: number,
  target?: { readonly limit: number } | { readonly goal: number },
): string[] {
  const ratio = ratios(ours, bare);
  const figures = [figureOf(bare), figureOf(ours)];
  const row = [
    title,
    ...figures.map((figure) => shown(figure, digits)),
    shown(ratio, 2),
  ];
  if (!target) return [...row, '', ''];
  return 'limit' in target
    ? [...row, `≤ ${target.limit}`, verdict(ratio, keeps(target.limit, ratio))]
    : [...row, `≥ ${target.goal}`, verdict(ratio, reaches(target.goal, ratio))];
}

/** The median, with the bounds of its interval. */
function shown({ median, low, high }: Figure, digits: number): string {
  const [middle, from, to] = [median, low, high].map((n) => n.toFixed(digits));
  return `${middle} (${from} – ${to})`;
}

/** The verdict on a ratio, with a `?` where a longer run may change it. */
function verdict(ratio: Figure, found: string): string {
  return isConclusive(ratio) || found !== 'inconclusive' ? found : `${found} ?`;
}
