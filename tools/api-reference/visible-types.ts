import { isInterfaceDeclaration, type Node } from 'typescript/unstable/ast';
import type { Base, DeclaredType, DeclaredTypes } from './declared-types.js';
import { CONSTRUCTOR, labelOf } from './members.js';
import type { PublicNames } from './public-names.js';
import type { Inheritance, Kind } from './reference.js';

/** Members by their keys, each with the type that declares it. */
export type Members = ReadonlyMap<
  string,
  { readonly type: DeclaredType; readonly nodes: readonly Node[] }
>;

/** Classes and interfaces, as they look to users, who see only the exports. */
export class VisibleTypes {
  readonly #types: DeclaredTypes;
  readonly #names: PublicNames;

  constructor(types: DeclaredTypes, names: PublicNames) {
    this.#types = types;
    this.#names = names;
  }

  kindOf(type: DeclaredType): Kind {
    if (isInterfaceDeclaration(type)) return 'interface';
    return this.#isError(type) ? 'error' : 'class';
  }

  /**
   * The declarations of a type, and of the bases that only this type makes public.
   *
   * @throws Error when such a base has other type parameters than the type itself
   */
  membersOf(type: DeclaredType): Members {
    const members = new Map<
      string,
      { type: DeclaredType; nodes: readonly Node[] }
    >();
    for (const base of this.#types.basesOf(type)) {
      if (!this.#names.isHiddenBase(base)) continue;
      for (const declared of base.types) {
        refuseOtherParameters(base, declared);
        for (const [key, member] of this.membersOf(declared)) {
          members.set(key, member);
        }
      }
    }
    for (const [key, nodes] of this.#types.membersOf(type)) {
      members.set(key, { type, nodes });
    }
    return members;
  }

  /** The visible types that a type extends and implements. */
  basesOf(type: DeclaredType): Base[] {
    return this.#types.basesOf(type).flatMap((base) => {
      if (this.#names.isHiddenBase(base)) {
        return base.types.flatMap((hidden) => this.basesOf(hidden));
      }
      return this.#isVisible(base) ? [base] : [];
    });
  }

  /** The members of the bases, each with the type that declares it, nearest first. */
  inheritedBy(
    type: DeclaredType,
    seen = new Set(this.membersOf(type).keys()),
  ): Inheritance[] {
    return this.basesOf(type)
      .filter(({ isExtended }) => isExtended)
      .flatMap(({ types, symbol }) => {
        const name = symbol && this.#names.nameOf(symbol);
        if (name === undefined) return [];
        return types.flatMap((base) => {
          const labels: string[] = [];
          for (const [key, { nodes }] of this.membersOf(base)) {
            if (key === CONSTRUCTOR || seen.has(key)) continue;
            seen.add(key);
            labels.push(...nodes.slice(0, 1).map((node) => labelOf(node)));
          }
          return [
            ...(labels.length > 0 ? [{ base: name, labels }] : []),
            ...this.inheritedBy(base, seen),
          ];
        });
      });
  }

  /** Types of other packages are visible, and those of this package if exported. */
  #isVisible({ types, symbol }: Base): boolean {
    return (
      types.length === 0 || (symbol && this.#names.nameOf(symbol)) !== undefined
    );
  }

  #isError(type: DeclaredType): boolean {
    return this.#types
      .basesOf(type)
      .some(({ node, types }) =>
        types.length > 0
          ? types.some((base) => this.#isError(base))
          : node.expression.getText() === 'Error',
      );
  }
}

/** Members of a base are shown as declared, with the type parameters of the base. */
function refuseOtherParameters({ node }: Base, declared: DeclaredType): void {
  const given = (node.typeArguments ?? []).map((one) => one.getText());
  const named = (declared.typeParameters ?? []).map(({ name }) => name.text);
  if (given.join() !== named.join()) {
    throw new Error(
      `${node.getText()} cannot be shown, as its type parameters are <${named.join(', ')}>. Export it, or give it the same type parameters.`,
    );
  }
}
