import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import type { TaskEvent } from 'nestjs-tasks';
import { tableOf } from './tables.js';

const page = 'guides/observability.md';

/** What each event has besides its task. A new event does not compile until it is here. */
const MORE: Record<TaskEvent['type'], string> = {
  scheduled: '',
  started: '',
  retrying: 'error',
  fallback: 'error',
  progress: 'value',
  enqueued: 'jobId',
  succeeded: '',
  failed: 'error',
  cancelled: 'reason',
  skipped: 'reason',
  dropped: 'reason',
};

it('the guide of observability has every event, and what it tells', () => {
  expect(
    Object.fromEntries(
      tableOf(page, 'Events').map(([type, , more]) => [type, more]),
    ),
  ).toEqual(MORE);
});

it('the guide of observability has every line of the log, with its level', () => {
  const rows = tableOf(page, 'Log lines').map(
    ([level = '', start = '']) => `${level}: ${start}`,
  );
  const lines = logCalls();

  expect(lines.length).toBeGreaterThan(30);
  expect(
    lines.filter((line) => !rows.some((row) => line.startsWith(row))),
  ).toEqual([]);
  expect(
    rows.filter((row) => !lines.some((line) => line.startsWith(row))),
  ).toEqual([]);
});

/** What is logged by the sources, with `…` for what a line is made of. */
function logCalls(): string[] {
  const lib = join(process.cwd(), 'lib');
  const files = readdirSync(lib, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts') && !file.startsWith(PAGE_CODE))
    .flatMap((file) => [
      ...readFileSync(join(lib, file), 'utf8').matchAll(LOG_CALL),
    ])
    .map(([, level = '', text = '']) => {
      const line = text.slice(1, -1).replaceAll(/\$\{[^}]*\}/g, '…');
      return `${level === 'info' ? 'log' : level}: ${line.replaceAll(/[`\\]/g, '')}`;
    });
}

/** It runs in a browser. */
const PAGE_CODE = join('dashboard', 'page');

/** A call of a log, its level, and the text that its line begins with. */
const LOG_CALL =
  /\blog\??\.(error|warn|info)\(\s*(?:[^(),;`']*\?\s*)?(`(?:[^`\\]|\\.)*`|'[^']*')/g;
