// Writes `repository`, `homepage` and `bugs` of package.json. The address of the repository is
// known to the workflow that runs in it, and to nobody else:
// `node tools/release/set-repository.js [address]`.
import { readFileSync, writeFileSync } from 'node:fs';

const { GITHUB_SERVER_URL, GITHUB_REPOSITORY } = process.env;
const address =
  process.argv[2] ??
  (GITHUB_REPOSITORY && `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}`);
if (!address || !URL.canParse(address)) {
  throw new Error(
    'The address of the repository is missing. Pass it: node tools/release/set-repository.js https://…',
  );
}

/** @type {Record<string, unknown>} */
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
Object.assign(manifest, {
  repository: { type: 'git', url: `git+${address}.git` },
  homepage: `${address}#readme`,
  bugs: { url: `${address}/issues` },
});
writeFileSync('package.json', `${JSON.stringify(manifest, null, 2)}\n`);
