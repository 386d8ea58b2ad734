import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The rows of the table below that heading, without the marks of code in its cells.
 *
 * @param page below `docs`
 * @throws Error when there is no such table
 */
export function tableOf(
  page: string,
  heading: string,
  header = '',
): readonly (readonly string[])[] {
  const text = readFileSync(join(process.cwd(), 'docs', page), 'utf8');
  const section = text
    .split(/^#+ /m)
    .find((part) => part.startsWith(`${heading}\n`));
  const tables =
    section?.split(/\n\n/).filter((part) => part.startsWith(`| ${header}`)) ??
    [];
  const [, , ...rows] = tables[0]?.trim().split('\n') ?? [];
  if (rows.length === 0) {
    throw new Error(`No table "${header}" below "${heading}" of ${page}.`);
  }
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.replaceAll('`', '').trim()),
  );
}
