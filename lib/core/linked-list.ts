/** What can be in one {@link LinkedList}; it holds its own neighbours. */
export interface Linked {
  before: Linked | undefined;
  after: Linked | undefined;
}

/** First in, first out; any member leaves as cheaply as it came. */
export class LinkedList<M extends Linked> {
  #first: Linked | undefined;
  #last: Linked | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param member must not be in a list */
  push(member: M): void {
    member.before = this.#last;
    if (this.#last) this.#last.after = member;
    else this.#first = member;
    this.#last = member;
    this.#size += 1;
  }

  /** Takes the first one out. */
  shift(): M | undefined {
    // Nothing else can be pushed.
    const first = this.#first as M | undefined;
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

  /** Who is in it now. */
  toArray(): M[] {
    const members: M[] = [];
    for (let member = this.#first; member; member = member.after) {
      members.push(member as M);
    }
    return members;
  }
}
