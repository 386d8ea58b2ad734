import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';

/** The files of a database that has nothing in it yet. They go when packages are installed anew. */
export const EMPTY_DATABASE = fileURLToPath(
  new URL('../../node_modules/.cache/empty-pglite.tar', import.meta.url),
);

/** Makes them once, before the tests: it takes four times as long as to load them. */
// oxlint-disable-next-line import/no-default-export -- Jest takes no other.
export default async function prepareEmptyDatabase(): Promise<void> {
  if (existsSync(EMPTY_DATABASE)) return;
  const database = await PGlite.create();
  const files = await database.dumpDataDir('none');
  await database.close();
  mkdirSync(dirname(EMPTY_DATABASE), { recursive: true });
  // Who finds the file finds the whole of it.
  const unfinished = `${EMPTY_DATABASE}.${process.pid}`;
  writeFileSync(unfinished, Buffer.from(await files.arrayBuffer()));
  renameSync(unfinished, EMPTY_DATABASE);
}
