/**
 * @typedef {{ text: string, link?: string, collapsed?: boolean, items?: Entry[] }} Entry
 */

/**
 * The sidebar: the sections of docs/README.md, with the pages that they link to. A page that it
 * does not link to is on no site, so test/docs/links.spec.ts finds those.
 *
 * @param {string} index the text of docs/README.md
 * @param {{ entries: Entry[] }} reference
 * @returns {Entry[]}
 */
export function navigationOf(index, reference) {
  const sections = index.split(/^## /m).slice(1);
  return [
    {
      text: 'Start',
      items: [
        { text: 'Overview', link: '/' },
        { text: 'Getting started', link: '/getting-started' },
      ],
    },
    ...sections.map((section) => {
      const [title = ''] = section.split('\n', 1);
      const links = section.matchAll(/\[([^\]]+)\]\(\.\/([^)#]+\.md)\)/g);
      const items = Array.from(links, ([, text = '', path = '']) =>
        path === 'reference/api.md'
          ? {
              text: 'API',
              link: '/reference/api/',
              collapsed: true,
              items: reference.entries,
            }
          : {
              text: text.replaceAll('`', ''),
              link: `/${path.replace(/(?:README)?\.md$/, '')}`,
            },
      );
      return { text: title, collapsed: false, items };
    }),
  ];
}
