import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const SKIPPED = /(^|\/)(node_modules|dist)\//;

/** The pages of the documentation and of the samples. */
async function pages(): Promise<string[]> {
  const folders = await Promise.all(
    ['docs', 'sample'].map(async (folder) => {
      const names = await readdir(folder, { recursive: true });
      return names.map((name) => join(folder, name));
    }),
  );
  const others = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md'];
  return [...others, join('bench', 'README.md'), ...folders.flat()].filter(
    (name) => name.endsWith('.md') && !SKIPPED.test(name),
  );
}

/** The anchors that GitHub, and the site, give to the headings of a page. */
function anchorsOf(text: string): Set<string> {
  const uses = new Map<string, number>();
  const prose = text.replaceAll(/^```[^]*?^```$/gm, '');
  const headings = prose.matchAll(/^#+ (.*)$/gm);
  return new Set(
    Array.from(headings, ([, heading = '']) => {
      const plain = heading
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
        .replaceAll(' ', '-');
      const before = uses.get(plain) ?? 0;
      uses.set(plain, before + 1);
      return before === 0 ? plain : `${plain}-${before}`;
    }),
  );
}

/** The targets of the links of a page, without those that leave the repository. */
function targetsOf(text: string): string[] {
  const links = text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g);
  return [...links]
    .map(([, target]) => target ?? '')
    .filter((target) => !/^[a-z]+:/.test(target));
}

describe('the documentation', () => {
  it('links to files and folders that exist', async () => {
    const found = await Promise.all(
      (await pages()).map(async (page) => {
        const targets = targetsOf(await readFile(page, 'utf8'));
        return targets.map((target) => ({
          page,
          target,
          path: join(dirname(page), target),
        }));
      }),
    );
    const links = found.flat();

    expect(links.length).toBeGreaterThan(50);
    expect(
      links
        .filter(({ path }) => !existsSync(path))
        .map(({ page, target }) => `${page}: ${target}`),
    ).toEqual([]);
  });

  it('links to headings that exist', async () => {
    const wrong: string[] = [];
    let seen = 0;
    for (const page of await pages()) {
      const text = await readFile(page, 'utf8');
      const prose = text.replaceAll(/^```[^]*?^```$/gm, '');
      const links = prose.matchAll(/\]\(([^)#\s]*)#([^)\s]+)\)/g);
      for (const [, target = '', anchor = ''] of links) {
        if (/^[a-z]+:/.test(target)) continue;
        const path = target ? join(dirname(page), target) : page;
        const anchors = anchorsOf(await readFile(path, 'utf8'));
        seen += 1;
        if (!anchors.has(anchor)) wrong.push(`${page}: ${target}#${anchor}`);
      }
    }

    expect(seen).toBeGreaterThan(20);
    expect(wrong).toEqual([]);
  });

  it('has no page that its index does not link to', async () => {
    const index = await readFile(join('docs', 'README.md'), 'utf8');
    const decisions = await readFile(
      join('docs', 'decisions', 'README.md'),
      'utf8',
    );
    const linked = new Set([
      join('docs', 'README.md'),
      ...targetsOf(index).map((target) => join('docs', target)),
      ...targetsOf(decisions).map((target) => join('docs/decisions', target)),
    ]);
    const all = (await pages()).filter(
      (page) => page.startsWith('docs') && !page.startsWith('docs/decisions/0'),
    );

    expect(all.filter((page) => !linked.has(page))).toEqual([]);
  });
});
