// Builds the site of docs/ in site/.vitepress/dist: `node site/build.js`, or with `--dev` to look at
// it while writing. docs/decisions/0014-the-site.md says why it is made like this.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writePages } from './write-pages.js';

const here = import.meta.dirname;
const pages = join(here, 'pages');

rmSync(pages, { recursive: true, force: true });
writePages(pages);
const command = process.argv.includes('--dev') ? 'dev' : 'build';
const vitepress = join(here, 'node_modules/vitepress/bin/vitepress.js');
const { status } = spawnSync(process.execPath, [vitepress, command, here], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
