import { rm } from 'node:fs/promises';

/** Runs once, after all tests: removes the compiled applications. */
// oxlint-disable-next-line import/no-default-export -- Jest takes no other.
export default async function tearDown(): Promise<void> {
  const folder = process.env['TEST_APPS'];
  if (folder) await rm(folder, { recursive: true, force: true });
}
