import { type SecondRow, WINDOW_SECONDS } from '../wire/live-message.js';

/** What can be counted in a second, by its place in a {@link SecondRow}. */
export const COUNTED = {
  scheduled: 1,
  succeeded: 2,
  failed: 3,
  other: 4,
} as const;

/** Counts what happened in each of the last seconds. */
export class Throughput {
  readonly #seconds: SecondRow[] = [];
  #current: SecondRow = [0, 0, 0, 0, 0];
  /** When the current second ends, in milliseconds since 1970. */
  #endsAt = 0;

  count(place: (typeof COUNTED)[keyof typeof COUNTED], now: number): void {
    if (now >= this.#endsAt) this.#begin(Math.floor(now / 1_000));
    this.#current[place] += 1;
  }

  /** The seconds from this one on, without those in which nothing happened. */
  since(second: number): SecondRow[] {
    return this.#seconds.filter((row) => row[0] >= second);
  }

  #begin(second: number): void {
    this.#endsAt = (second + 1) * 1_000;
    this.#current = [second, 0, 0, 0, 0];
    this.#seconds.push(this.#current);
    if (this.#seconds.length > WINDOW_SECONDS) this.#seconds.shift();
  }
}
