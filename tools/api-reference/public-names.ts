import { isTypeParameterDeclaration, type Node } from 'typescript/unstable/ast';
import type { Symbol } from 'typescript/unstable/sync';
import type { Declarations } from './declarations.js';
import {
  isDeclaredType,
  type Base,
  type DeclaredType,
  type DeclaredTypes,
} from './declared-types.js';

/** Knows which symbols are exported, and under which names. */
export class PublicNames {
  readonly #declarations: Declarations;
  readonly #exported: ReadonlyMap<number, string>;
  /** The public name under which the members of a base that is not exported are described. */
  readonly #homes = new Map<number, string>();

  constructor(
    declarations: Declarations,
    types: DeclaredTypes,
    exported: ReadonlyMap<Symbol, string>,
  ) {
    this.#declarations = declarations;
    this.#exported = new Map(
      [...exported].map(([symbol, name]) => [symbol.id, name]),
    );
    const settle = (type: DeclaredType, name: string): void => {
      for (const base of types.basesOf(type)) {
        if (!this.isHiddenBase(base) || !base.symbol) continue;
        this.#homes.set(base.symbol.id, name);
        for (const further of base.types) settle(further, name);
      }
    };
    for (const [symbol, name] of exported) {
      for (const type of declarations.nodesOf(symbol).filter(isDeclaredType)) {
        settle(type, name);
      }
    }
  }

  /** The name that users import, also for a base of an export that has the same name. */
  nameOf(symbol: Symbol): string | undefined {
    const home = this.#homes.get(symbol.id);
    return (
      this.#exported.get(symbol.id) ?? (home === symbol.name ? home : undefined)
    );
  }

  /** Whether a base is not exported, so that its members belong to its subtype. */
  isHiddenBase(base: Base): boolean {
    return (
      base.isExtended &&
      base.types.length > 0 &&
      base.symbol !== undefined &&
      !this.#exported.has(base.symbol.id)
    );
  }

  /** The symbol behind a name, if it belongs to the package but cannot be imported. */
  unexported(name: Node): Symbol | undefined {
    const symbol = this.#declarations.symbolOf(name);
    if (!symbol || !this.#declarations.isOwn(symbol)) return undefined;
    const isParameter = this.#declarations
      .nodesOf(symbol)
      .some((node) => isTypeParameterDeclaration(node));
    return isParameter || this.nameOf(symbol) !== undefined
      ? undefined
      : symbol;
  }
}
