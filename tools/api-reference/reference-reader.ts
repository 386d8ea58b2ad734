import type { Symbol } from 'typescript/unstable/sync';
import { isClassDeclaration, type Node } from 'typescript/unstable/ast';
import type { Declarations } from './declarations.js';
import { DeclaredTypes } from './declared-types.js';
import { documentationOf } from './documentation.js';
import type { EntryPoint } from './entry-points.js';
import { Meanings } from './meanings.js';
import { namedTypesIn } from './named-types.js';
import { PublicNames } from './public-names.js';
import type {
  DescribedSymbol,
  EntryPointContents,
  Kind,
  Reference,
} from './reference.js';

/** Values before types: a reader who looks up a name wants to know how to use it. */
const ORDER: readonly Kind[] = [
  'decorator',
  'function',
  'constant',
  'class',
  'error',
  'interface',
  'type',
];

/** Reads the declarations of a package into its reference. */
export class ReferenceReader {
  readonly #declarations: Declarations;
  readonly #meanings: Meanings;
  readonly #names: PublicNames;
  readonly #exports: ReadonlyMap<string, ReadonlyMap<string, Symbol>>;
  readonly #unexported = new Map<number, Symbol>();
  readonly #problems: string[] = [];

  /** @throws Error when an export has no declaration */
  constructor(declarations: Declarations, entryPoints: readonly EntryPoint[]) {
    this.#declarations = declarations;
    this.#exports = new Map(
      entryPoints.map(({ name, file }) => [
        name,
        publicExports(name, file, declarations),
      ]),
    );
    const types = new DeclaredTypes(declarations);
    this.#names = new PublicNames(
      declarations,
      types,
      new Map(
        [...this.#exports.values()].flatMap((symbols) =>
          [...symbols].map(([name, symbol]) => [symbol, name]),
        ),
      ),
    );
    this.#meanings = new Meanings(types, this.#names);
  }

  read(): Reference {
    const homes = new Map<number, string>();
    const entryPoints = [...this.#exports].map(
      ([name, exported]): EntryPointContents => {
        const all = sortedByName([...exported]);
        const again = all.filter(([, { id }]) => homes.has(id));
        const first = all.filter(([, { id }]) => !homes.has(id));
        for (const [, { id }] of first) homes.set(id, name);
        return {
          name,
          symbols: first.map(([own, symbol]) => this.#describe(own, symbol)),
          again: new Map(
            again.map(([own, { id }]) => [own, homes.get(id) ?? '']),
          ),
        };
      },
    );
    const unexported = this.#describeUnexported();
    return { entryPoints, unexported, problems: this.#problems };
  }

  /** Unexported types may name others, which are found while they are read. */
  #describeUnexported(): DescribedSymbol[] {
    const described: [string, DescribedSymbol][] = [];
    for (const symbol of this.#unexported.values()) {
      described.push([symbol.name, this.#describe(symbol.name, symbol)]);
    }
    return sortedByName(described).map(([, symbol]) => symbol);
  }

  #describe(name: string, symbol: Symbol): DescribedSymbol {
    const read = this.#meanings.read(name, this.#declarations.nodesOf(symbol));
    for (const { shown } of read) {
      for (const node of shown) this.#noteUnexported(node, name);
    }
    return {
      name,
      meanings: read
        .map(({ meaning }) => meaning)
        .sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind)),
    };
  }

  /** A class shows its constructor, whose parameter types would need describing too. */
  #noteUnexported(shown: Node, describing: string): void {
    for (const name of namedTypesIn(shown)) {
      const symbol = this.#names.unexported(name);
      if (!symbol) continue;
      if (this.#declarations.nodesOf(symbol).some(isClassDeclaration)) {
        this.#problems.push(
          `${describing} names the class ${symbol.name}, which is not exported. Is its constructor @internal?`,
        );
      } else {
        this.#unexported.set(symbol.id, symbol);
      }
    }
  }
}

/** The exports of a file, except those marked as internal. */
function publicExports(
  entryPoint: string,
  file: string,
  declarations: Declarations,
): Map<string, Symbol> {
  const symbols = new Map<string, Symbol>();
  for (const [name, symbol] of declarations.exportsOf(file)) {
    if (!symbol) {
      throw new Error(
        `${entryPoint} exports ${name}, which has no declaration: a declaration that is @internal is not emitted.`,
      );
    }
    const isInternal = declarations
      .nodesOf(symbol)
      .every((node) => documentationOf(node).isInternal);
    if (!isInternal) symbols.set(name, symbol);
  }
  return symbols;
}

/** Independent of the locale of the machine. */
function sortedByName<T>(named: readonly (readonly [string, T])[]) {
  return named.toSorted(([a], [b]) => compare(a, b));
}

function compare(a: string, b: string): number {
  const [first, second] = [a.toLowerCase(), b.toLowerCase()];
  if (first === second) return a < b ? -1 : 1;
  return first < second ? -1 : 1;
}
