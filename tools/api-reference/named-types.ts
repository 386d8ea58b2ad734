import {
  isExpressionWithTypeArguments,
  isImportTypeNode,
  isQualifiedName,
  isTypeQueryNode,
  isTypeReferenceNode,
  type Node,
} from 'typescript/unstable/ast';

/** The names that a declaration uses, of types and in `typeof`. */
export function namedTypesIn(node: Node): Node[] {
  const names: Node[] = [];
  const visit = (current: Node): undefined => {
    const name = nameIn(current);
    if (name) names.push(isQualifiedName(name) ? name.right : name);
    current.forEachChild(visit);
  };
  visit(node);
  return names;
}

function nameIn(node: Node): Node | undefined {
  if (isTypeReferenceNode(node)) return node.typeName;
  if (isTypeQueryNode(node)) return node.exprName;
  if (isExpressionWithTypeArguments(node)) return node.expression;
  if (isImportTypeNode(node)) return node.qualifier;
  return undefined;
}
