import {
  isJSDoc,
  isJSDocLink,
  isJSDocParameterTag,
  isJSDocThrowsTag,
  type JSDocTag,
  type Node,
} from 'typescript/unstable/ast';

/** A link in a comment: the name of a symbol, or of a member with its symbol. */
export interface DocLink {
  readonly target: string;
}

/** The text of a comment: Markdown, with the links as parts of their own. */
export type DocText = readonly (string | DocLink)[];

/** The description of a parameter. */
export interface ParamText {
  readonly name: string;
  readonly text: DocText;
}

/** The content of the comment above a declaration. */
export interface Documentation {
  readonly text: DocText;
  readonly remarks: readonly DocText[];
  readonly params: readonly ParamText[];
  readonly returns: readonly DocText[];
  readonly throws: readonly DocText[];
  readonly defaults: readonly DocText[];
  readonly examples: readonly DocText[];
  readonly deprecated: readonly DocText[];
  readonly isPublic: boolean;
  readonly isInternal: boolean;
  readonly unknownTags: readonly string[];
}

export const TAGS: readonly string[] = [
  'default',
  'deprecated',
  'example',
  'internal',
  'param',
  'publicApi',
  'remarks',
  'returns',
  'throws',
];

/** Reads the comment of a declaration: the last, where there are several above it. */
export function documentationOf(node: Node): Documentation {
  const comment = node.jsDoc?.at(-1);
  const doc = comment && isJSDoc(comment) ? comment : undefined;
  const tags = doc?.tags ?? [];
  const named = (name: string) =>
    tags.filter((tag) => tag.tagName.text === name);
  const texts = (name: string) => named(name).map((tag) => textOfTag(tag));

  return {
    text: textOf(doc?.comment),
    remarks: texts('remarks'),
    params: named('param').map((tag) => paramOf(tag)),
    returns: texts('returns'),
    throws: texts('throws'),
    defaults: texts('default'),
    examples: texts('example'),
    deprecated: texts('deprecated'),
    isPublic: named('publicApi').length > 0,
    isInternal: named('internal').length > 0,
    unknownTags: tags
      .map((tag) => tag.tagName.text)
      .filter((name) => !TAGS.includes(name)),
  };
}

/** The comment of a member, completed by that of the member it overrides. */
export function completedBy(
  own: Documentation,
  base: Documentation | undefined,
): Documentation {
  if (!base || own.text.length > 0) return own;
  return {
    ...own,
    text: base.text,
    remarks: [...base.remarks, ...own.remarks],
    params: own.params.length > 0 ? own.params : base.params,
    returns: own.returns.length > 0 ? own.returns : base.returns,
    throws: [...base.throws, ...own.throws],
    defaults: own.defaults.length > 0 ? own.defaults : base.defaults,
    examples: own.examples.length > 0 ? own.examples : base.examples,
  };
}

function textOf(parts: readonly Node[] | undefined): DocText {
  return (parts ?? []).map((part) =>
    isJSDocLink(part)
      ? { target: part.name?.getText() ?? '' }
      : ((part as { readonly text?: string }).text ?? ''),
  );
}

function textOfTag(tag: JSDocTag): DocText {
  const text = textOf(tag.comment);
  return isJSDocThrowsTag(tag) && tag.typeExpression
    ? [`${tag.typeExpression.getText().slice(1, -1)} `, ...text]
    : text;
}

function paramOf(tag: JSDocTag): ParamText {
  const name = isJSDocParameterTag(tag) ? tag.name.getText() : '';
  const [first, ...rest] = textOf(tag.comment);
  return {
    name,
    text:
      typeof first === 'string'
        ? [first.replace(/^\s*-\s*/, ''), ...rest]
        : textOf(tag.comment),
  };
}
