import {
  memberHeading,
  memberName,
  TITLE,
  UNEXPORTED_TITLE,
  type Anchors,
} from './anchors.js';
import { Prose } from './prose.js';
import type {
  DescribedSymbol,
  EntryPointContents,
  Form,
  Kind,
  Meaning,
  Reference,
} from './reference.js';

/** Writes a reference as one page of Markdown. */
export class Page {
  readonly #reference: Reference;
  readonly #prose: Prose;

  constructor(reference: Reference, anchors: Anchors) {
    this.#reference = reference;
    this.#prose = new Prose(anchors);
  }

  get markdown(): string {
    const { entryPoints, unexported } = this.#reference;
    return [
      `# ${TITLE}`,
      '<!-- Written by `npm run docs:api` from the declarations. Change the comments in lib/ instead. -->',
      'Every symbol that can be imported, by entry point, and what its declaration says about it. ' +
        'The examples leave their imports out.',
      ...entryPoints.flatMap((entryPoint) => this.#index(entryPoint)),
      ...entryPoints.flatMap(({ name, symbols }) => [
        `## \`${name}\``,
        ...symbols.flatMap((symbol) => this.#symbol(symbol)),
      ]),
      ...(unexported.length > 0
        ? [
            `## ${UNEXPORTED_TITLE}`,
            'Types that the declarations above use. They cannot be imported.',
            ...unexported.flatMap((symbol) => this.#symbol(symbol)),
          ]
        : []),
    ].join('\n\n');
  }

  /** A list, because changing one line of a table would reformat its other lines. */
  #index({ name, symbols, again }: EntryPointContents): string[] {
    const lines = symbols.map((symbol) => {
      const kinds = symbol.meanings.map(({ kind }) => kind).join(', ');
      return `- ${this.#prose.name(symbol.name)} (${kinds}): ${this.#summary(symbol)}`;
    });
    const others = [...again].map(
      ([symbol, home]) =>
        `- ${this.#prose.name(symbol)}: also exported by ${this.#prose.name(home)}`,
    );
    return [`**${this.#prose.name(name)}**`, [...lines, ...others].join('\n')];
  }

  #summary({ meanings }: DescribedSymbol): string {
    const text = meanings[0]?.forms.find(
      ({ documentation }) => documentation.text.length > 0,
    )?.documentation.text;
    return this.#prose.summary(text ?? []);
  }

  #symbol({ name, meanings }: DescribedSymbol): string[] {
    const alsoIn = this.#reference.entryPoints
      .filter(({ again }) => again.has(name))
      .map((entryPoint) => this.#prose.name(entryPoint.name));
    return [
      `### \`${name}\``,
      ...(alsoIn.length > 0 ? [`Also exported by ${alsoIn.join(', ')}.`] : []),
      ...meanings.flatMap((meaning) => this.#meaning(name, meaning)),
    ];
  }

  #meaning(name: string, meaning: Meaning): string[] {
    return [
      `_${KIND_NAMES[meaning.kind]}_`,
      ...this.#forms(name, meaning.forms),
      ...this.#inherited(meaning),
      ...meaning.members.flatMap(({ label, forms }) => [
        `#### ${memberHeading(name, label)}`,
        ...this.#forms(memberName(name, label), forms),
      ]),
    ];
  }

  #forms(subject: string, forms: readonly Form[]): string[] {
    return forms.flatMap(({ signature, documentation }) => [
      `\`\`\`typescript\n${signature}\n\`\`\``,
      ...this.#prose.documentation(documentation, subject),
    ]);
  }

  #inherited({ inherited }: Meaning): string[] {
    const parts = inherited.map(({ base, labels }) => {
      const links = labels.map((label) =>
        this.#prose.name(memberName(base, label), label),
      );
      return `- from ${this.#prose.name(base)}: ${links.join(', ')}`;
    });
    return parts.length > 0 ? ['Inherited:', parts.join('\n')] : [];
  }
}

const KIND_NAMES: Readonly<Record<Kind, string>> = {
  decorator: 'Decorator',
  function: 'Function',
  constant: 'Constant',
  class: 'Class',
  error: 'Error class',
  interface: 'Interface',
  type: 'Type',
};
