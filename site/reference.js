/**
 * The API reference, which is one page in the repository, as a page for each entry point: no
 * reader and no search wants one of five thousand lines.
 *
 * @param {string} text
 */
export function pagesOfReference(text) {
  const [start = '', ...sections] = text.split(/^(?=## )/m);
  const parts = sections.map((section) => {
    const [, title = ''] = /^## (.*)$/m.exec(section) ?? [];
    const name = title.replaceAll('`', '');
    const file = name.replaceAll(/[^\w]+/g, '-').toLowerCase();
    return { name, path: `reference/api/${file}.md`, section };
  });

  // As GitHub numbers repeated headings over the whole page.
  /** @type {Map<string, string>} */
  const anchors = new Map();
  /** @type {Map<string, number>} */
  const uses = new Map();
  /** @param {string} section @param {string} path */
  const withAnchors = (section, path) =>
    outsideOfCode(section, (line) => {
      const [, hashes = '', heading = ''] = /^(#+) (.*)$/.exec(line) ?? [];
      if (!hashes) return line;
      const plain = slugOf(heading);
      const before = uses.get(plain) ?? 0;
      uses.set(plain, before + 1);
      const anchor = before === 0 ? plain : `${plain}-${before}`;
      anchors.set(anchor, path);
      const level = hashes.length === 2 ? '#' : hashes.slice(1);
      return `${level} ${heading} {#${anchor}}`;
    });
  const written = parts.map((part) => ({
    ...part,
    section: withAnchors(part.section, part.path),
  }));
  /** @param {string} markdown @param {string} here */
  const withLinks = (markdown, here) =>
    markdown.replaceAll(/\]\(#([^)]+)\)/g, (link, anchor) => {
      const page = anchors.get(anchor);
      return page && page !== here ? `](/${page}#${anchor})` : link;
    });
  const pages = written.map(
    ({ path, section }) =>
      /** @type {const} */ ([path, withLinks(section, path)]),
  );
  const index = 'reference/api/index.md';
  return {
    pages: new Map([[index, withLinks(start, index)], ...pages]),
    anchors,
    entries: parts.map(({ name, path }) => ({
      text: name,
      link: `/${path.replace('.md', '')}`,
    })),
  };
}

/**
 * @param {string} text
 * @param {(line: string) => string} change
 */
function outsideOfCode(text, change) {
  let isCode = false;
  return text
    .split('\n')
    .map((line) => {
      if (line.startsWith('```')) isCode = !isCode;
      return isCode ? line : change(line);
    })
    .join('\n');
}

/** @param {string} heading */
function slugOf(heading) {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}
