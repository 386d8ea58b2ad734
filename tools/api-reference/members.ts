import {
  isCallSignatureDeclaration,
  isConstructorDeclaration,
  isConstructSignatureDeclaration,
  isIndexSignatureDeclaration,
  isMethodDeclaration,
  isMethodSignatureDeclaration,
  isPrivateIdentifier,
  SyntaxKind,
  type Node,
} from 'typescript/unstable/ast';
import { documentationOf } from './documentation.js';

export const CONSTRUCTOR = 'constructor';

interface MaybeNamed extends Node {
  readonly name?: Node;
  readonly modifiers?: readonly Node[];
}

/** Whether users may use a member. */
export function isPublic(member: Node): boolean {
  const { name } = member as MaybeNamed;
  return !(
    (name && isPrivateIdentifier(name)) ||
    has(member, SyntaxKind.PrivateKeyword) ||
    documentationOf(member).isInternal
  );
}

/** The key that identifies a member within its type; overloads share it. */
export function keyOf(member: Node): string {
  if (isConstructorDeclaration(member)) return CONSTRUCTOR;
  if (isConstructSignatureDeclaration(member)) return 'new';
  if (isCallSignatureDeclaration(member)) return 'call';
  if (isIndexSignatureDeclaration(member)) return member.getText();
  return has(member, SyntaxKind.StaticKeyword)
    ? `static ${nameOf(member)}`
    : nameOf(member);
}

/** The label of a member: `forRoot()`, `name`, `constructor`. */
export function labelOf(member: Node): string {
  if (isConstructorDeclaration(member)) return CONSTRUCTOR;
  if (isConstructSignatureDeclaration(member)) return 'new';
  if (isCallSignatureDeclaration(member)) return 'call';
  if (isIndexSignatureDeclaration(member)) return '[key]';
  return isMethodSignatureDeclaration(member) || isMethodDeclaration(member)
    ? `${nameOf(member)}()`
    : nameOf(member);
}

function nameOf(member: Node): string {
  return (member as MaybeNamed).name?.getText() ?? '';
}

function has(member: Node, modifier: SyntaxKind): boolean {
  const { modifiers = [] } = member as MaybeNamed;
  return modifiers.some(({ kind }) => kind === modifier);
}
