import { inThread } from '../../../lib/threads/index.js';
import type * as hungry from '../modules/hungry.js';
import { openTasks, report } from './open-tasks.js';

const eatMemory = inThread<typeof hungry.eatMemory>(
  new URL('../modules/hungry.js', import.meta.url),
  'eatMemory',
);

const { app, tasks } = await openTasks({});
const outcome = await tasks.schedule(eatMemory).settled();
const error = outcome.status === 'failed' ? outcome.error : undefined;
report({ code: (error as { code?: string }).code, message: error?.message });
await app.close();
