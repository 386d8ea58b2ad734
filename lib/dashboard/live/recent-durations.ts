import { DURATION_BOUNDS_MS, WINDOW_SECONDS } from '../wire/live-message.js';

const SLOT_MS = 10_000;
const SLOTS = (WINDOW_SECONDS * 1_000) / SLOT_MS;

/** Counts durations of the last minutes by their size. */
export class RecentDurations {
  readonly #slots: { since: number; readonly counts: number[] }[] = [];

  add(durationMs: number, now: number): void {
    const { counts } = this.#current(now);
    let place = 0;
    for (const bound of DURATION_BOUNDS_MS) {
      if (durationMs < bound) break;
      place += 1;
    }
    counts[place] = (counts[place] ?? 0) + 1;
  }

  /** One number for each bound, and one for what exceeds them all. */
  counts(now: number): number[] {
    const sums = noCounts();
    for (const { since, counts } of this.#slots) {
      if (since <= now - SLOTS * SLOT_MS) continue;
      counts.forEach((count, place) => {
        sums[place] = (sums[place] ?? 0) + count;
      });
    }
    return sums;
  }

  #current(now: number): { readonly counts: number[] } {
    const since = now - (now % SLOT_MS);
    const last = this.#slots.at(-1);
    if (last && last.since >= since) return last;
    const added = { since, counts: noCounts() };
    this.#slots.push(added);
    if (this.#slots.length > SLOTS) this.#slots.shift();
    return added;
  }
}

function noCounts(): number[] {
  return Array.from({ length: DURATION_BOUNDS_MS.length + 1 }, () => 0);
}
