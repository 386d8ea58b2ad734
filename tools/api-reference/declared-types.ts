import {
  isClassDeclaration,
  isInterfaceDeclaration,
  SyntaxKind,
  type ClassDeclaration,
  type ExpressionWithTypeArguments,
  type InterfaceDeclaration,
  type Node,
} from 'typescript/unstable/ast';
import type { Symbol } from 'typescript/unstable/sync';
import type { Declarations } from './declarations.js';
import {
  completedBy,
  documentationOf,
  type Documentation,
} from './documentation.js';
import { isPublic, keyOf } from './members.js';

/** A class or an interface. */
export type DeclaredType = ClassDeclaration | InterfaceDeclaration;

export function isDeclaredType(node: Node): node is DeclaredType {
  return isClassDeclaration(node) || isInterfaceDeclaration(node);
}

/** A type that a class or an interface extends or implements. */
export interface Base {
  readonly isExtended: boolean;
  readonly node: ExpressionWithTypeArguments;
  readonly symbol: Symbol | undefined;
  /** Its declarations, if it belongs to the package. */
  readonly types: readonly DeclaredType[];
}

/** Finds the bases and the members of classes and interfaces. */
export class DeclaredTypes {
  readonly #declarations: Declarations;

  constructor(declarations: Declarations) {
    this.#declarations = declarations;
  }

  basesOf(type: DeclaredType): Base[] {
    return (type.heritageClauses ?? []).flatMap((clause) =>
      clause.types.map((node): Base => {
        const symbol = this.#declarations.symbolOf(node.expression);
        const isOwn = symbol && this.#declarations.isOwn(symbol);
        return {
          isExtended: clause.token === SyntaxKind.ExtendsKeyword,
          node,
          symbol,
          types: isOwn
            ? this.#declarations.nodesOf(symbol).filter(isDeclaredType)
            : [],
        };
      }),
    );
  }

  /** The members that users may use, by key: several where there are overloads. */
  membersOf(type: DeclaredType): Map<string, Node[]> {
    const members = new Map<string, Node[]>();
    for (const member of (type.members as readonly Node[]).filter(isPublic)) {
      const key = keyOf(member);
      members.set(key, [...(members.get(key) ?? []), member]);
    }
    return members;
  }

  /** The comment of a member, completed by that of the one it overrides or implements. */
  documentationOf(type: DeclaredType, member: Node): Documentation {
    return completedBy(
      documentationOf(member),
      this.#inherited(type, keyOf(member)),
    );
  }

  #inherited(type: DeclaredType, key: string): Documentation | undefined {
    for (const base of this.basesOf(type).flatMap(({ types }) => types)) {
      const member = this.membersOf(base).get(key)?.[0];
      const found = member
        ? this.documentationOf(base, member)
        : this.#inherited(base, key);
      if (found && found.text.length > 0) return found;
    }
    return undefined;
  }
}
