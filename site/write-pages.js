import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';
import { navigationOf } from './navigation.js';
import { pagesOfReference } from './reference.js';

const root = resolve(import.meta.dirname, '..');
const read = (/** @type {string} */ path) =>
  readFileSync(join(root, path), 'utf8');

/**
 * @typedef {{ version: string, repository?: { url: string } }} Manifest
 * @type {Manifest}
 */
const manifest = JSON.parse(read('package.json'));
const repository = manifest.repository?.url
  .replace(/^git\+/, '')
  .replace(/\.git$/, '');

/**
 * Writes what VitePress reads: the pages of docs/ with the names and links of a site, and the
 * navigation.
 *
 * @param {string} folder
 */
export function writePages(folder) {
  /** @type {Map<string, string>} */
  const pages = new Map();
  for (const name of readdirSync(join(root, 'docs'), { recursive: true })) {
    const path = String(name);
    if (path.endsWith('.md')) pages.set(path, read(join('docs', path)));
    if (path.endsWith('.png')) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      copyFileSync(join(root, 'docs', path), join(folder, path));
    }
  }
  const api = pages.get('reference/api.md') ?? '';
  pages.delete('reference/api.md');
  const reference = pagesOfReference(api);
  const navigation = navigationOf(pages.get('README.md') ?? '', reference);
  pages.set('changelog.md', read('CHANGELOG.md'));

  for (const [path, text] of pages) {
    const isIndex = path.endsWith('README.md');
    const target = isIndex ? path.replace('README.md', 'index.md') : path;
    write(join(folder, target), withLinksOfSite(text, path, reference.anchors));
  }
  for (const [path, text] of reference.pages) write(join(folder, path), text);
  const data = { navigation, version: manifest.version, repository };
  write(join(folder, 'site.json'), JSON.stringify(data));
}

/**
 * @param {string} text
 * @param {string} path of the page in docs/
 * @param {ReadonlyMap<string, string>} anchors the page of each anchor of the reference
 */
function withLinksOfSite(text, path, anchors) {
  return text.replaceAll(
    /\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)#\s]*)(#[^)\s]*)?\)/g,
    (link, label, target, hash = '') => {
      if (/^[a-z]+:/.test(target) || target === '') return link;
      const to = posix.join('docs', posix.dirname(path), target);
      if (to === 'docs/reference/api.md') {
        const page = anchors.get(hash.slice(1)) ?? 'reference/api/index.md';
        return `[${label}](/${page}${hash})`;
      }
      if (to === 'CHANGELOG.md') return `[${label}](/changelog)`;
      if (to.startsWith('docs/')) {
        return `[${label}](${target.replace(/README\.md$/, 'index.md')}${hash})`;
      }
      if (!existsSync(join(root, to))) throw new Error(`${path}: ${target}`);
      // What is not on the site is in the repository, when there is one.
      return repository
        ? `[${label}](${repository}/blob/main/${to}${hash})`
        : label;
    },
  );
}

/**
 * @param {string} path
 * @param {string} text
 */
function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
