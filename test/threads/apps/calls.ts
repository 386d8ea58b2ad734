import { inThread } from '../../../lib/threads/index.js';
import type * as computing from '../modules/computing.js';
import type * as failing from '../modules/failing.js';
import { openTasks, report } from './open-tasks.js';

const whichThread = inThread<typeof computing.default>(
  new URL('../modules/computing.js', import.meta.url),
);
const failWithRangeError = inThread<typeof failing.failWithRangeError>(
  new URL('../modules/failing.js', import.meta.url),
  'failWithRangeError',
);

// Its threads are idle for long, and it is not closed unless it is told to.
const { app, tasks } = await openTasks({ threads: { idleTimeout: '1h' } });
const other = await tasks.schedule(() => 'other').settled();
const thread = await tasks.schedule(whichThread).settled();
const failed = await tasks.schedule(failWithRangeError, 12).settled();
const error = failed.status === 'failed' ? failed.error : undefined;
report({
  other,
  thread: thread.status,
  error: error && {
    text: String(error),
    stack: error.stack,
    isRangeError: error instanceof RangeError,
    code: (error as { code?: string }).code,
  },
});
if (process.argv.includes('close')) await app.close();
