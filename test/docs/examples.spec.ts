import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const root = process.cwd();
const folder = join(root, 'node_modules', '.cache', 'documentation-examples');

interface Example {
  readonly origin: string;
  readonly code: string;
}

// Those are compiled and run elsewhere: by test/scaffolds, and as test/docs/pages.
const NAMED = /^\/\/ [\w./-]+\.ts\n/;
const pagesFolder = join(root, 'test', 'docs', 'pages');

/** The blocks marked `ts` in the documentation. */
async function examples(): Promise<Example[]> {
  const files = await Promise.all(
    (await readdir(pagesFolder)).map((file) =>
      readFile(join(pagesFolder, file), 'utf8'),
    ),
  );
  const isElsewhere = (code: string) =>
    NAMED.test(code) || files.includes(code);
  const guides = await readdir(join(root, 'docs'), { recursive: true });
  const pages = [
    'README.md',
    ...guides
      .filter((name) => name.endsWith('.md'))
      .map((name) => join('docs', name)),
  ];
  const found = await Promise.all(
    pages.map(async (page) => {
      const text = await readFile(join(root, page), 'utf8');
      return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map((match) => ({
        origin: `${page}:${text.slice(0, match.index).split('\n').length + 1}`,
        code: match[1] ?? '',
      }));
    }),
  );
  return found.flat().filter(({ code }) => !isElsewhere(code));
}

async function compile(all: readonly Example[]): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await Promise.all(
    all.map(({ origin, code }, index) =>
      writeFile(
        join(folder, `example-${index}.ts`),
        `// ${origin}\n${code}\nexport {};\n`,
      ),
    ),
  );
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        noUnusedLocals: false,
        noUnusedParameters: false,
        strictPropertyInitialization: false,
      },
      exclude: [],
      include: [join(folder, '*.ts'), join(root, 'test/docs/prelude.d.ts')],
    }),
  );
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  try {
    await run(process.execPath, [tsc, '-p', folder, '--pretty', 'false']);
    return '';
  } catch (error) {
    const { stdout } = error as { stdout: string };
    return stdout.replace(
      /^.*example-(\d+)\.ts\((\d+),/gm,
      (_all, index: string, line: string) =>
        `${all[Number(index)]?.origin} (line ${Number(line) - 1},`,
    );
  }
}

describe('the documentation', () => {
  it('has examples that compile', async () => {
    const all = await examples();

    expect(all.length).toBeGreaterThan(3);
    expect(await compile(all)).toBe('');
  }, 60_000);

  it('reports an example that does not compile', async () => {
    const wrong = {
      origin: 'nowhere.md:7',
      code: 'tasks.schedule(sendMail, 42);',
    };

    expect(await compile([wrong])).toMatch(/^nowhere\.md:7 \(line 1,/);
  }, 60_000);
});
