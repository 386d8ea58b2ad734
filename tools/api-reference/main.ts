import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { Anchors } from './anchors.js';
import { problemsOf } from './checks.js';
import { Declarations } from './declarations.js';
import { entryPointsOf } from './entry-points.js';
import { firstDifference } from './first-difference.js';
import { Page } from './page.js';
import { ReferenceReader } from './reference-reader.js';
import { formatSignatures } from './signatures.js';

const PAGE = join('docs', 'reference', 'api.md');

/** The page that is generated from the declarations of the package in this folder. */
async function pageOf(folder: string): Promise<string> {
  const entryPoints = await entryPointsOf(folder);
  const files = entryPoints.map(({ file }) => file);
  const declarations = new Declarations(folder, files);
  try {
    const reference = new ReferenceReader(declarations, entryPoints).read();
    const anchors = new Anchors(reference);
    const problems = problemsOf(reference, anchors);
    if (problems.length > 0) throw new Error(problems.join('\n'));

    const style = (await resolveConfig(join(folder, PAGE))) ?? {};
    const formatted = await formatSignatures(reference, style);
    const { markdown } = new Page(formatted, anchors);
    return await format(markdown, { ...style, parser: 'markdown' });
  } finally {
    declarations.close();
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { check: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const folder = resolve(positionals[0] ?? '.');
  const file = join(folder, PAGE);
  const page = await pageOf(folder);
  if (!values.check) {
    await writeFile(file, page);
    return;
  }
  const difference = firstDifference(
    await readFile(file, 'utf8').catch(() => ''),
    page,
  );
  if (difference !== undefined) {
    throw new Error(
      `${PAGE} does not match the declarations:\n${difference}\nRun \`npm run docs:api\` and commit the page.`,
    );
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(
    `${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
}
