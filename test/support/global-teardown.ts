import { rm } from 'node:fs/promises';

/** Runs once, after all tests: removes what `compileApps()` has made for them. */
// oxlint-disable-next-line import/no-default-export -- Jest takes no other.
export default async function tearDown(): Promise<void> {
  const folder = `test/process/.build/${process.env['TEST_RUN_ID']}`;
  await rm(folder, { recursive: true, force: true });
}
