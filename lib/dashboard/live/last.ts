/** The last of what was added, as many as the limit says, oldest first. */
export class Last<T> {
  readonly #limit: number;
  #members: T[] = [];
  /** The place of the oldest, once the limit is reached. */
  #oldest = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Returns the one that is displaced, if any. */
  add(member: T): T | undefined {
    if (this.#members.length < this.#limit) {
      this.#members.push(member);
      return undefined;
    }
    const displaced = this.#members[this.#oldest];
    this.#members[this.#oldest] = member;
    this.#oldest = this.#oldest + 1 < this.#limit ? this.#oldest + 1 : 0;
    return displaced;
  }

  toArray(): T[] {
    return [
      ...this.#members.slice(this.#oldest),
      ...this.#members.slice(0, this.#oldest),
    ];
  }

  /** Removes all, and returns them. */
  takeAll(): T[] {
    if (this.#members.length === 0) return [];
    const taken = this.toArray();
    this.#members = [];
    this.#oldest = 0;
    return taken;
  }
}
