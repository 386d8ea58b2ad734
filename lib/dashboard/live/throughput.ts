import { WINDOW_SECONDS } from '../wire/duration-bounds.js';
import type { SecondRow } from '../wire/live-message.js';

/** What can be counted in a second, by its place in a {@link SecondRow}. */
const PLACES = { scheduled: 1, succeeded: 2, failed: 3, other: 4 } as const;

/** Counts what happened in each of the last seconds. */
export class Throughput {
  readonly #seconds: SecondRow[] = [];

  count(what: keyof typeof PLACES, now: number): void {
    this.#at(Math.floor(now / 1_000))[PLACES[what]] += 1;
  }

  /** The seconds from this one on, without those in which nothing happened. */
  since(second: number): SecondRow[] {
    return this.#seconds.filter((row) => row[0] >= second);
  }

  #at(second: number): SecondRow {
    const last = this.#seconds.at(-1);
    if (last && last[0] >= second) return last;
    const added: SecondRow = [second, 0, 0, 0, 0];
    this.#seconds.push(added);
    if (this.#seconds.length > WINDOW_SECONDS) this.#seconds.shift();
    return added;
  }
}
