import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGES = new URL('../../node_modules/', import.meta.url);
const { version } = JSON.parse(
  readFileSync(new URL('@electric-sql/pglite/package.json', PACKAGES), 'utf8'),
) as { version: string };

/** The files of a database of this PGlite that has nothing in it yet. */
export const EMPTY_DATABASE = fileURLToPath(
  new URL(`.cache/empty-pglite-${version}.tar`, PACKAGES),
);

/** Makes them once, before the tests: it takes four times as long as to load them. */
// oxlint-disable-next-line import/no-default-export -- Jest takes no other.
export default async function prepareEmptyDatabase(): Promise<void> {
  if (existsSync(EMPTY_DATABASE)) return;
  // Only here, as in the tests it is what starts from these files.
  const { PGlite } = await import('@electric-sql/pglite');
  const database = await PGlite.create();
  const files = await database.dumpDataDir('none');
  await database.close();
  mkdirSync(dirname(EMPTY_DATABASE), { recursive: true });
  // Who finds the file finds the whole of it.
  const unfinished = `${EMPTY_DATABASE}.${process.pid}`;
  writeFileSync(unfinished, Buffer.from(await files.arrayBuffer()));
  renameSync(unfinished, EMPTY_DATABASE);
}
