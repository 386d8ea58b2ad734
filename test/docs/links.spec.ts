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
  return ['README.md', 'CONTRIBUTING.md', ...folders.flat()].filter(
    (name) => name.endsWith('.md') && !SKIPPED.test(name),
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
});
