import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  applicationOf,
  blocksIn,
  blocksOf,
  exampleOf,
  namesInPackages,
  pagesWithCode,
} from '../scaffolds/blocks.js';

type Block = ReturnType<typeof blocksIn>[number];

let all: readonly Block[];
let example: ReadonlyMap<string, string>;
let names: ReadonlyMap<string, string>;

beforeAll(async () => {
  names = await namesInPackages();
  all = (await Promise.all((await pagesWithCode()).map(blocksOf))).flat();
  example = exampleOf(all);
});

function problemsOf(blocks: readonly Block[]): string[] {
  const pages = new Set(blocks.map(({ page }) => page));
  return [...pages].flatMap((page) => {
    const ofPage = blocks.filter((block) => block.page === page);
    return applicationOf(ofPage, example, names).problems;
  });
}

// `npm run docs:run` compiles them.
describe('a block of code in the documentation', () => {
  it('is a file, or a part of a file', () => {
    expect(all.length).toBeGreaterThan(150);
    expect(problemsOf(all)).toEqual([]);
  });

  it('is reported if it is neither', () => {
    const wrong = [
      'tasks.schedule(sendMail);',
      '// in src/a.ts\nf();',
      '// in src/shop.ts\nf();',
      '// in src/orders.controller.ts\ntasks.schedule(sendMail);',
      '// src/a.ts\nf();',
    ];
    const blocks = wrong.flatMap((code, index) =>
      blocksIn(`page-${index}.md`, `\`\`\`ts\n${code}\n\`\`\`\n`),
    );

    expect(problemsOf(blocks)).toEqual([
      'page-0.md:2 has no file name, and is no part of a file',
      'page-1.md:2 is a part of src/a.ts, which is not above it',
      'page-2.md:2 has no place in src/shop.ts',
    ]);
  });
});
