// Before a version is published: the changelog must have a section for it, as released, and
// readers of the package must find the repository.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

/** @param {string} file */
const read = (file) =>
  readFile(resolve(import.meta.dirname, '../..', file), 'utf8');

/** @type {{ version: string, repository?: unknown, homepage?: unknown, bugs?: unknown }} */
const { version, repository, homepage, bugs } = JSON.parse(
  await read('package.json'),
);
const changelog = await read('CHANGELOG.md');
if (!changelog.split('\n').includes(`## ${version}`)) {
  process.stderr.write(
    `CHANGELOG.md has no section "## ${version}". Write it, or remove "(unreleased)".\n`,
  );
  process.exitCode = 1;
}
if (!repository || !homepage || !bugs) {
  process.stderr.write(
    'package.json has no repository, homepage or bugs. Run node tools/release/set-repository.js.\n',
  );
  process.exitCode = 1;
}
