import {
  formatSyntaxKind,
  isFunctionDeclaration,
  isInterfaceDeclaration,
  isTypeAliasDeclaration,
  isVariableDeclaration,
  SyntaxKind,
  type FunctionDeclaration,
  type Node,
} from 'typescript/unstable/ast';
import {
  isDeclaredType,
  type Base,
  type DeclaredType,
  type DeclaredTypes,
} from './declared-types.js';
import { documentationOf } from './documentation.js';
import { labelOf } from './members.js';
import type { PublicNames } from './public-names.js';
import type { Meaning } from './reference.js';
import { VisibleTypes } from './visible-types.js';

/** A meaning, and the nodes of the declarations that it shows. */
export interface ReadMeaning {
  readonly meaning: Meaning;
  readonly shown: readonly Node[];
}

/** Reads the meanings of the declarations of one name. */
export class Meanings {
  readonly #types: DeclaredTypes;
  readonly #visible: VisibleTypes;

  constructor(types: DeclaredTypes, names: PublicNames) {
    this.#types = types;
    this.#visible = new VisibleTypes(types, names);
  }

  /** @throws Error for declarations that the reference does not support */
  read(name: string, nodes: readonly Node[]): ReadMeaning[] {
    const functions = nodes.filter(isFunctionDeclaration);
    const others = nodes.filter((node) => !isFunctionDeclaration(node));
    return [
      ...(functions.length > 0 ? [ofFunctions(functions)] : []),
      ...others.map((node) =>
        isDeclaredType(node) ? this.#ofType(name, node) : ofOther(name, node),
      ),
    ];
  }

  #ofType(name: string, type: DeclaredType): ReadMeaning {
    const members = [...this.#visible.membersOf(type).values()];
    const bases = this.#visible.basesOf(type);
    const form = {
      signature: headOf(name, type, bases),
      documentation: documentationOf(type),
    };
    return {
      meaning: {
        kind: this.#visible.kindOf(type),
        forms: [form],
        members: members.map((member) => ({
          label: member.nodes.slice(0, 1).map(labelOf).join(''),
          forms: member.nodes.map((node) => ({
            signature: node.getText(),
            documentation: this.#types.documentationOf(member.type, node),
          })),
        })),
        inherited: this.#visible.inheritedBy(type),
      },
      shown: [
        ...(type.typeParameters ?? []),
        ...bases.map(({ node }) => node),
        ...members.flatMap(({ nodes }) => nodes),
      ],
    };
  }
}

/** A class or an interface without its body. */
function headOf(
  name: string,
  type: DeclaredType,
  bases: readonly Base[],
): string {
  const isAbstract = (type.modifiers ?? []).some(
    ({ kind }) => kind === SyntaxKind.AbstractKeyword,
  );
  const heritage = (keyword: string, some: readonly Base[]) =>
    some.length > 0
      ? ` ${keyword} ${some.map(({ node }) => node.getText()).join(', ')}`
      : '';
  return (
    (isAbstract ? 'abstract ' : '') +
    (isInterfaceDeclaration(type) ? 'interface ' : 'class ') +
    name +
    typeParametersOf(type) +
    heritage(
      'extends',
      bases.filter(({ isExtended }) => isExtended),
    ) +
    heritage(
      'implements',
      bases.filter(({ isExtended }) => !isExtended),
    )
  );
}

function typeParametersOf(type: DeclaredType): string {
  const parameters = (type.typeParameters ?? []).map((one) => one.getText());
  return parameters.length > 0 ? `<${parameters.join(', ')}>` : '';
}

function ofFunctions(nodes: readonly FunctionDeclaration[]): ReadMeaning {
  const isDecorator = nodes.some(({ type }) =>
    /^(?:Class|Method|Parameter|Property)Decorator\b/.test(
      type?.getText() ?? '',
    ),
  );
  return {
    meaning: {
      kind: isDecorator ? 'decorator' : 'function',
      forms: nodes.map((node) => ({
        signature: withoutModifiers(node),
        documentation: documentationOf(node),
      })),
      members: [],
      inherited: [],
    },
    shown: nodes,
  };
}

function ofOther(name: string, node: Node): ReadMeaning {
  const isConstant = isVariableDeclaration(node);
  if (!isConstant && !isTypeAliasDeclaration(node)) {
    throw new Error(
      `${name} is a ${formatSyntaxKind(node.kind)}, which the reference does not support.`,
    );
  }
  return {
    meaning: {
      kind: isConstant ? 'constant' : 'type',
      forms: [
        {
          signature: isConstant
            ? `const ${node.getText()};`
            : withoutModifiers(node),
          // The comment is above the statement, which may declare several constants.
          documentation: documentationOf(
            isConstant ? node.parent.parent : node,
          ),
        },
      ],
      members: [],
      inherited: [],
    },
    shown: [node],
  };
}

function withoutModifiers(node: Node): string {
  return node.getText().replace(/^export (?:declare )?/, '');
}
