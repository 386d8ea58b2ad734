import type { Documentation } from './documentation.js';

export type Kind =
  | 'decorator'
  | 'function'
  | 'constant'
  | 'class'
  | 'error'
  | 'interface'
  | 'type';

/** One signature (several exist where there are overloads), and its comment. */
export interface Form {
  readonly signature: string;
  readonly documentation: Documentation;
}

export interface Member {
  /** `forRoot()`, `name`, `constructor`. */
  readonly label: string;
  readonly forms: readonly Form[];
}

/** The labels of the members of a base that the type does not redeclare. */
export interface Inheritance {
  readonly base: string;
  readonly labels: readonly string[];
}

/** A meaning of a name: one name may refer to both a function and a type. */
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

/** The exports of an entry point. */
export interface EntryPointContents {
  readonly name: string;
  /** The symbols that no earlier entry point exports. */
  readonly symbols: readonly DescribedSymbol[];
  /** The other exports, and the entry point where each is described. */
  readonly again: ReadonlyMap<string, string>;
}

/** Everything public in a package. */
export interface Reference {
  readonly entryPoints: readonly EntryPointContents[];
  /** The types that signatures name although they cannot be imported. */
  readonly unexported: readonly DescribedSymbol[];
  /** The problems of the declarations, in a sentence each. */
  readonly problems: readonly string[];
}
