// @ts-check
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';

/**
 * What build.js has written.
 *
 * @type {{
 *   navigation: import('vitepress').DefaultTheme.SidebarItem[],
 *   version: string,
 *   repository?: string,
 * }}
 */
const { navigation, version, repository } = JSON.parse(
  readFileSync(new URL('../pages/site.json', import.meta.url), 'utf8'),
);

export default defineConfig({
  title: 'nestjs-tasks',
  description: 'Background work for NestJS',
  lang: 'en',
  srcDir: 'pages',
  // The folder of the repository on GitHub Pages.
  base: process.env['SITE_BASE'] ?? '/',
  cleanUrls: true,
  // A dead link fails the build.
  ignoreDeadLinks: false,
  markdown: {
    anchor: { slugify: slugOf },
  },
  themeConfig: {
    outline: [2, 3],
    sidebar: navigation,
    nav: [
      { text: 'Getting started', link: '/getting-started' },
      { text: 'Guides', link: '/' },
      { text: 'API', link: '/reference/api/' },
      { text: `v${version}`, link: '/changelog' },
    ],
    search: { provider: 'local', options: { miniSearch: searchOptions() } },
    ...(repository && {
      socialLinks: [{ icon: 'github', link: repository }],
      editLink: { pattern: `${repository}/edit/main/docs/:path` },
    }),
  },
});

/**
 * As GitHub makes the anchors of headings, so that links work in both places.
 *
 * @param {string} heading
 */
function slugOf(heading) {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');
}

/** The guides before the thousands of lines of the reference. */
function searchOptions() {
  return {
    searchOptions: {
      boostDocument: (/** @type {string} */ id) =>
        id.includes('/reference/api') ? 0.5 : 1,
    },
  };
}
