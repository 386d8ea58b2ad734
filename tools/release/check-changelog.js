// Before a version is published: the changelog tells what is in it, and calls it released.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

/** @param {string} file */
const read = (file) =>
  readFile(resolve(import.meta.dirname, '../..', file), 'utf8');

/** @type {{ version: string }} */
const { version } = JSON.parse(await read('package.json'));
const changelog = await read('CHANGELOG.md');
if (!changelog.split('\n').includes(`## ${version}`)) {
  process.stderr.write(
    `CHANGELOG.md has no section "## ${version}". Write it, or take "(unreleased)" away.\n`,
  );
  process.exitCode = 1;
}
