import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs once, before the tests: packs what has been built, and unpacks it. Jest loads this file
 * without its own resolver, so it imports no other one.
 */
// oxlint-disable-next-line import/no-default-export -- Jest takes no other.
export default function pack(): void {
  const folder = mkdtempSync(join(tmpdir(), 'nestjs-tasks-packed-'));
  // The workers inherit it.
  process.env['TEST_PACKED'] = folder;
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination'];
  const report = execFileSync('npm', [...args, folder]);
  writeFileSync(join(folder, 'report.json'), report);
  const [packed] = JSON.parse(String(report)) as { filename: string }[];
  execFileSync('tar', ['-xzf', String(packed?.filename)], { cwd: folder });
}
