import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = process.cwd();

/** An error that `tsc` reports; lines and columns count from 1. */
export interface CompilerMessage {
  readonly line: number;
  readonly column: number;
  readonly code: number;
  /** The message, with all the lines that explain it. */
  readonly message: string;
}

/** Compiles each source by itself, and returns the errors of each. */
export async function compilerMessages(
  sources: readonly string[],
  compilerOptions: object,
): Promise<CompilerMessage[][]> {
  const cache = join(root, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'compiler-messages-'));
  try {
    await Promise.all(
      sources.map((source, index) =>
        writeFile(join(folder, `source-${index}.ts`), source),
      ),
    );
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: join(root, 'tsconfig.json'),
        compilerOptions: { noUnusedLocals: false, ...compilerOptions },
        include: [join(folder, '*.ts')],
        exclude: [],
      }),
    );
    const output = await reportOf(folder);
    return sources.map((_source, index) => messagesOf(output, index));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function reportOf(folder: string): Promise<string> {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  return run(process.execPath, [tsc, '-p', folder, '--pretty', 'false']).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );
}

function messagesOf(report: string, index: number): CompilerMessage[] {
  const found = report.matchAll(
    new RegExp(
      String.raw`^\S*source-${index}\.ts\((\d+),(\d+)\): error TS(\d+): (.*(?:\n .*)*)`,
      'gm',
    ),
  );
  return [...found].map(([, line, column, code, message = '']) => ({
    line: Number(line),
    column: Number(column),
    code: Number(code),
    message,
  }));
}
