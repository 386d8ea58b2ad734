import type { Anchors } from './anchors.js';
import type { Documentation, DocText } from './documentation.js';

/** Turns comments into Markdown, with links to the symbols that they name. */
export class Prose {
  readonly #anchors: Anchors;

  constructor(anchors: Anchors) {
    this.#anchors = anchors;
  }

  /** A name in code style, and a link if it is described on the page. */
  name(name: string, label = name): string {
    const anchor = this.#anchors.of(name);
    return anchor === undefined ? `\`${label}\`` : `[\`${label}\`](${anchor})`;
  }

  /** The text of a comment. It does not link to `subject`, which it describes. */
  text(text: DocText, subject: string): string {
    const joined = text
      .map((part) => (typeof part === 'string' ? part : `\`${part.target}\``))
      .join('')
      .trim();
    // Code blocks are left unchanged.
    return joined
      .split(/(^```[^]*?^```)/m)
      .map((part, index) =>
        index % 2 === 1
          ? part
          : part.replaceAll(
              /(?<!\[)`([\w.]+(?:\(\))?)`(?!\])/g,
              (code, name: string) =>
                name === subject ? code : this.name(name),
            ),
      )
      .join('');
  }

  /** The whole content of a comment, in paragraphs. */
  documentation(doc: Documentation, subject: string): string[] {
    const text = (part: DocText) => this.text(part, subject);
    const facts = [
      ...doc.params.map((param) => `\`${param.name}\`: ${text(param.text)}`),
      ...doc.defaults.map((value) => `Default: ${asCode(text(value))}`),
      ...doc.returns.map((value) => `Returns ${text(value)}`),
      ...doc.throws.map((error) => `Throws ${this.#thrown(text(error))}`),
    ];
    return [
      ...doc.deprecated.map((part) => `**Deprecated.** ${text(part)}`),
      text(doc.text),
      ...doc.remarks.map(text),
      facts.map((fact) => `- ${fact.replaceAll('\n', '\n  ')}`).join('\n'),
      ...doc.examples.map(text),
    ].filter((paragraph) => paragraph !== '');
  }

  /** The first sentence of a comment, on one line. */
  summary(text: DocText): string {
    const whole = this.text(text, '').split('\n\n')[0] ?? '';
    const line = whole.replaceAll('\n', ' ');
    return (
      /^(?:`[^`]*`|[^`])*?[.:](?=\s|$)/.exec(line)?.[0].replace(/:$/, '.') ??
      line
    );
  }

  #thrown(text: string): string {
    return text.replace(/^[A-Z]\w*Error\b/, (name) => this.name(name));
  }
}

const LITERAL = /^(?:true|false|null|undefined|-?[\d.]+|'[^']*'|[[{].*[\]}])$/;

function asCode(text: string): string {
  return LITERAL.test(text) ? `\`${text}\`` : text;
}
