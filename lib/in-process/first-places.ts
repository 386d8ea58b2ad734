/** Where a job stands in lists: the rank of its status, and its number, the newest first. */
export type Place = readonly [rank: number, number: number];

interface Placed<T> {
  readonly found: T;
  readonly place: Place;
}

export function isAfter(
  [rank, number]: Place,
  [otherRank, other]: Place,
): boolean {
  return rank === otherRank ? number < other : rank > otherRank;
}

/** The first few of many, without sorting all of them. */
export class FirstPlaces<T> {
  readonly #count: number;
  /** May have more than asked for, in any order. */
  #placed: Placed<T>[] = [];
  /** That of the last one that was kept; what comes after it is not wanted. */
  #last: Place | undefined;

  constructor(count: number) {
    this.#count = count;
  }

  add(found: T, place: Place): void {
    if (this.#last && isAfter(place, this.#last)) return;
    this.#placed.push({ found, place });
    if (this.#placed.length >= 2 * this.#count) this.#cut();
  }

  sorted(): readonly Placed<T>[] {
    this.#cut();
    return this.#placed;
  }

  #cut(): void {
    this.#placed.sort(({ place: a }, { place: b }) => (isAfter(a, b) ? 1 : -1));
    this.#placed.length = Math.min(this.#placed.length, this.#count);
    if (this.#placed.length < this.#count) return;
    this.#last = this.#placed.at(-1)?.place;
  }
}
