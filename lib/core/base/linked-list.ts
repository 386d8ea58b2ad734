/** What can be in one {@link LinkedList}: it holds its own neighbours. */
export interface Linked {
  before: Linked | undefined;
  after: Linked | undefined;
}

/**
 * A member of a list whose neighbours are private, so that logging or deep-comparing
 * it does not traverse the list.
 */
export class PrivatelyLinked implements Linked {
  #before: Linked | undefined;
  #after: Linked | undefined;

  get before(): Linked | undefined {
    return this.#before;
  }

  set before(before: Linked | undefined) {
    this.#before = before;
  }

  get after(): Linked | undefined {
    return this.#after;
  }

  set after(after: Linked | undefined) {
    this.#after = after;
  }
}

/** First in, first out; any member can be removed in constant time. */
export class LinkedList<M extends Linked> {
  #first: Linked | undefined;
  #last: Linked | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): M | undefined {
    // Nothing else can be pushed.
    return this.#first as M | undefined;
  }

  /** @param member must not be in a list */
  push(member: M): void {
    member.before = this.#last;
    if (this.#last) this.#last.after = member;
    else this.#first = member;
    this.#last = member;
    this.#size += 1;
  }

  /** Removes the first member. */
  shift(): M | undefined {
    const { first } = this;
    if (first) this.remove(first);
    return first;
  }

  /** @param member must be in this list */
  remove(member: Linked): void {
    const { before, after } = member;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
    member.before = member.after = undefined;
    this.#size -= 1;
  }

  /** Its members, while none is removed. */
  *[Symbol.iterator](): Generator<M, void> {
    for (let member = this.#first; member; member = member.after) {
      yield member as M;
    }
  }

  toArray(): M[] {
    return [...this];
  }
}
