import type { Anchors } from './anchors.js';
import { TAGS, type Documentation, type DocText } from './documentation.js';
import { CONSTRUCTOR } from './members.js';
import type { DescribedSymbol, Form, Reference } from './reference.js';

/** The problems of the documentation of the public symbols, in a sentence each. */
export function problemsOf(reference: Reference, anchors: Anchors): string[] {
  const exported = reference.entryPoints.flatMap(({ symbols }) => symbols);
  return [
    ...exported.flatMap((symbol) => unmarked(symbol)),
    ...reference.problems,
    ...sharedNames(exported.map(({ name }) => name)),
    ...[...exported, ...reference.unexported].flatMap((symbol) =>
      problemsOfSymbol(symbol, anchors),
    ),
  ];
}

function unmarked({ name, meanings }: DescribedSymbol): string[] {
  return meanings
    .filter(({ forms }) => !forms.some((form) => form.documentation.isPublic))
    .map(
      ({ kind }) => `The ${kind} ${name} is exported, but is not @publicApi.`,
    );
}

function sharedNames(names: readonly string[]): string[] {
  return names
    .filter((name, index) => names.indexOf(name) !== index)
    .map((name) => `Two entry points export different things as ${name}.`);
}

function problemsOfSymbol(symbol: DescribedSymbol, anchors: Anchors): string[] {
  return symbol.meanings.flatMap(({ kind, forms, members }) => [
    ...problemsOfForms(`The ${kind} ${symbol.name}`, forms, true, anchors),
    ...members.flatMap(({ label, forms: overloads }) =>
      problemsOfForms(
        `${symbol.name}.${label}`,
        overloads,
        // The comment of the class covers its constructor.
        label !== CONSTRUCTOR,
        anchors,
      ),
    ),
  ]);
}

function problemsOfForms(
  what: string,
  forms: readonly Form[],
  needsText: boolean,
  anchors: Anchors,
): string[] {
  const docs = forms.map(({ documentation }) => documentation);
  const hasText = docs.some(({ text }) => text.length > 0);
  return [
    ...(needsText && !hasText ? [`${what} has no documentation.`] : []),
    ...docs.flatMap(({ unknownTags }) =>
      unknownTags.map(
        (tag) =>
          `${what} has the tag @${tag}, which is none of @${TAGS.join(', @')}.`,
      ),
    ),
    ...docs
      .flatMap((documentation) => textsOf(documentation))
      .flat()
      .filter((part) => typeof part !== 'string')
      .filter(({ target }) => anchors.of(target) === undefined)
      .map(({ target }) => `${what} links to ${target}, which is not public.`),
  ];
}

function textsOf(documentation: Documentation): DocText[] {
  const { text, remarks, params, returns, throws } = documentation;
  const { defaults, examples, deprecated } = documentation;
  return [
    text,
    ...params.map((param) => param.text),
    ...[remarks, returns, throws, defaults, examples, deprecated].flat(),
  ];
}
