import { rm } from 'node:fs/promises';

/** Runs once, after all tests. */
// oxlint-disable-next-line import/no-default-export -- Jest takes no other.
export default async function removePacked(): Promise<void> {
  const folder = process.env['TEST_PACKED'];
  if (folder) await rm(folder, { recursive: true, force: true });
}
