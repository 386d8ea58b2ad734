// Installs the packages that tests have of their own: `node tools/check/install.js test/nest11`.
// `npm run check` does so once for all the scripts that need them.
import { spawnSync } from 'node:child_process';

const ready = process.env['CHECK_READY']?.split(',') ?? [];
for (const folder of process.argv.slice(2)) {
  if (ready.includes(folder)) continue;
  const args = ['ci', '--no-audit', '--no-fund', '--prefer-offline'];
  const npm = spawnSync('npm', [...args, '--prefix', folder], {
    stdio: 'inherit',
  });
  if (npm.status !== 0) process.exit(npm.status ?? 1);
}
