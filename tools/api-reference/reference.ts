import type { Documentation } from './documentation.js';

export type Kind =
  | 'decorator'
  | 'function'
  | 'constant'
  | 'class'
  | 'error'
  | 'interface'
  | 'type';

/** One signature, of several where there are overloads, and what is said about it. */
export interface Form {
  readonly signature: string;
  readonly documentation: Documentation;
}

export interface Member {
  /** `forRoot()`, `name`, `constructor`. */
  readonly label: string;
  readonly forms: readonly Form[];
}

/** The members of a base that are not declared again, by their labels. */
export interface Inheritance {
  readonly base: string;
  readonly labels: readonly string[];
}

/** What a name stands for; a name may stand for a function and for a type. */
export interface Meaning {
  readonly kind: Kind;
  readonly forms: readonly Form[];
  readonly members: readonly Member[];
  readonly inherited: readonly Inheritance[];
}

export interface DescribedSymbol {
  readonly name: string;
  readonly meanings: readonly Meaning[];
}

/** What an entry point exports. */
export interface EntryPointContents {
  readonly name: string;
  /** The symbols that no earlier entry point exports. */
  readonly symbols: readonly DescribedSymbol[];
  /** The other ones, and the entry point where each is described. */
  readonly again: ReadonlyMap<string, string>;
}

/** All that is public of a package. */
export interface Reference {
  readonly entryPoints: readonly EntryPointContents[];
  /** What signatures name although it cannot be imported. */
  readonly unexported: readonly DescribedSymbol[];
  /** What is wrong with the declarations, in a sentence each. */
  readonly problems: readonly string[];
}
