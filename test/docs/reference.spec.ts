import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const folders = ['nest', 'engines'].map((name) =>
  join(process.cwd(), 'test', name),
);

/** The test files, named as on the page. */
async function filesOfTests(): Promise<{ name: string; path: string }[]> {
  const files = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(folder, { recursive: true });
      return names.map((name) => ({ name, path: join(folder, name) }));
    }),
  );
  return files.flat().filter(({ name }) => name.endsWith('.ts'));
}

/** The sources of the tests, with white space normalized. */
async function sourcesOfTests(): Promise<string> {
  const files = await filesOfTests();
  const texts = await Promise.all(
    files.map(({ path }) => readFile(path, 'utf8')),
  );
  return texts.join('\n').replaceAll(/\s+/g, ' ');
}

describe('the reference of transports', () => {
  it('names tests that exist', async () => {
    const page = (
      await readFile(join('docs', 'reference', 'transports.md'), 'utf8')
    ).replaceAll(/\s+/g, ' ');
    const files = [...page.matchAll(/`([\w/-]+\.spec\.ts)`/g)];
    const names = [...page.matchAll(/"([a-z@A-Z][^"]{20,})"/g)];
    const sources = await sourcesOfTests();
    const existing = (await filesOfTests()).map(({ name }) => name);

    expect(files.length).toBeGreaterThan(10);
    expect(names.length).toBeGreaterThan(10);
    expect(
      files
        .map(([, file]) => file)
        .filter((file) => !existing.includes(file ?? '')),
    ).toEqual([]);
    expect(
      names
        .map(([, name]) => name ?? '')
        .filter((name) => !sources.includes(`'${name}'`)),
    ).toEqual([]);
  });
});
