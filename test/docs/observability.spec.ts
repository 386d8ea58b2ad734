import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import type { TaskEvent } from 'nestjs-tasks';

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
  const path = join(process.cwd(), 'docs', 'guides', 'observability.md');
  const rows = readFileSync(path, 'utf8').matchAll(
    /^\| `([a-z]+)` *\|[^|]*\| *`?([a-zA-Z]*)`? *\|$/gm,
  );

  expect(
    Object.fromEntries(Array.from(rows, ([, type, more]) => [type, more])),
  ).toEqual(MORE);
});
