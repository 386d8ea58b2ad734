import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  applicationOf,
  blocksIn,
  blocksOf,
  exampleOf,
  namesInPackages,
  pagesWithCode,
} from '../scaffolds/blocks.js';
import { importsOf } from '../scaffolds/packages.js';

type Block = ReturnType<typeof blocksIn>[number];

const run = promisify(execFile);
const root = process.cwd();
const folder = join(root, 'node_modules', '.cache', 'documentation-examples');
// As the CLI of NestJS makes them.
const SCAFFOLD = {
  'src/app.controller.ts': 'export class AppController {}\n',
  'src/app.service.ts': 'export class AppService {}\n',
};

let all: readonly Block[];
let example: ReadonlyMap<string, string>;
let names: ReadonlyMap<string, string>;

beforeAll(async () => {
  names = await namesInPackages();
  all = (await Promise.all((await pagesWithCode()).map(blocksOf))).flat();
  example = exampleOf(all, SCAFFOLD);
});

/** Whether the package is one of this repository; docs:run installs the others. */
function isInstalled(name: string): boolean {
  return (
    name === 'nestjs-tasks' || existsSync(join(root, 'node_modules', name))
  );
}

/** What the compiler says about blocks of pages, each named by its page and line. */
async function compile(blocks: readonly Block[]): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  const said: string[] = [];
  const origins = new Map<string, Block>();
  for (const page of new Set(blocks.map((block) => block.page))) {
    const application = applicationOf(
      blocks.filter((block) => block.page === page),
      example,
      names,
    );
    said.push(...application.problems);
    const name = page.replaceAll(/[^\w]/g, '-');
    for (const [file, code] of application.files) {
      const origin = application.origins.get(file);
      if (origin) origins.set(join(name, file), origin);
      const path = join(folder, name, file);
      await mkdir(dirname(path), { recursive: true });
      // docs:run compiles those of its pages, and what needs other packages.
      const isElsewhere = origin?.isStep || !importsOf(code).every(isInstalled);
      await writeFile(path, isElsewhere ? `// @ts-nocheck\n${code}` : code);
    }
  }
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        noUnusedLocals: false,
        noUnusedParameters: false,
        strictPropertyInitialization: false,
        noPropertyAccessFromIndexSignature: false,
        isolatedModules: true,
      },
      exclude: [],
      include: [
        join(folder, '**/*.ts'),
        join(root, 'test/docs/runner-globals.d.ts'),
      ],
    }),
  );
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  try {
    await run(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    const { stdout } = error as { stdout: string };
    const lines = stdout.split('\n').map((line) => {
      const { file = '', rest = '' } =
        /documentation-examples\/(?<file>[^(]+)(?<rest>.*)/.exec(line)
          ?.groups ?? {};
      const { page = file, line: at = '' } = origins.get(file) ?? {};
      return file ? `${page}:${at} ${file}${rest}` : line;
    });
    said.push(...lines.filter(Boolean));
  }
  return said.join('\n');
}

describe('the documentation', () => {
  it('has blocks of code that are files, or parts of files, and compile', async () => {
    expect(all.length).toBeGreaterThan(150);
    expect(await compile(all)).toBe('');
  }, 240_000);

  it('reports blocks that are neither, or do not compile', async () => {
    const wrong = [
      'tasks.schedule(sendMail);',
      '// in src/a.ts\nf();',
      '// in src/shop.ts\nf();',
      '// in src/orders.controller.ts\ntasks.schedule(sendMail, 42);',
      "// src/a.ts\nimport { b } from './b.js';",
    ];
    const blocks = wrong.flatMap((code, index) =>
      blocksIn(`page-${index}.md`, `\`\`\`ts\n${code}\n\`\`\`\n`),
    );

    const said = (await compile(blocks)).split('\n').toSorted();

    expect(said).toEqual([
      'page-0.md:2 has no file name, and is no part of a file',
      'page-1.md:2 is a part of src/a.ts, which is not above it',
      'page-2.md:2 has no place in src/shop.ts',
      expect.stringMatching(/^page-3\.md:2 .* not assignable/),
      expect.stringMatching(/^page-4\.md:2 .*b\.js/),
    ]);
  }, 240_000);
});
