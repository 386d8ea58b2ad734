import type { DescribedSymbol, Reference } from './reference.js';

/** The headings of the page that come before those of symbols. */
export const TITLE = 'API reference';
export const UNEXPORTED_TITLE = 'Named, but not exported';

/** A member with its symbol, in the form that comments use. */
export function memberName(symbol: string, label: string): string {
  return `${symbol}.${label}`;
}

/**
 * The heading of a member. `Task.options` would get the same address as `TaskOptions`,
 * because GitHub drops punctuation.
 */
export function memberHeading(symbol: string, label: string): string {
  return `\`${symbol}\`: \`${label}\``;
}

/** The addresses that GitHub assigns to the headings of the page. */
export class Anchors {
  readonly #anchors = new Map<string, string>();
  readonly #uses = new Map<string, number>();

  constructor({ entryPoints, unexported }: Reference) {
    this.#add(TITLE, TITLE);
    for (const { name, symbols } of entryPoints) {
      this.#add(name, name);
      this.#addSymbols(symbols);
    }
    this.#add(UNEXPORTED_TITLE, UNEXPORTED_TITLE);
    this.#addSymbols(unexported);
  }

  /** The address of an entry point, a symbol or a member; `()` may be left out. */
  of(name: string): string | undefined {
    return this.#anchors.get(name) ?? this.#anchors.get(`${name}()`);
  }

  #addSymbols(symbols: readonly DescribedSymbol[]): void {
    for (const { name, meanings } of symbols) {
      this.#add(name, name);
      for (const { label } of meanings.flatMap(({ members }) => members)) {
        this.#add(memberName(name, label), memberHeading(name, label));
      }
    }
  }

  /** A repeated heading is numbered. */
  #add(name: string, heading: string): void {
    const plain = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-');
    const uses = this.#uses.get(plain) ?? 0;
    this.#uses.set(plain, uses + 1);
    if (!this.#anchors.has(name)) {
      this.#anchors.set(name, `#${plain}${uses > 0 ? `-${uses}` : ''}`);
    }
  }
}
