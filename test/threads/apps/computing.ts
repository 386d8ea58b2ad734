import { inThread } from '../../../lib/threads/index.js';
import type * as computing from '../modules/computing.js';
import { Latch } from '../support/latch.js';
import { openTasks, report } from './open-tasks.js';

const compute = inThread<typeof computing.compute>(
  new URL('../modules/computing.js', import.meta.url),
  'compute',
);

const { app, tasks } = await openTasks({});
app.enableShutdownHooks(['SIGTERM']);
const latch = new Latch();
const task = tasks.schedule(compute, latch.shared);
await latch.started();
report({ computing: true });
report(await task.settled());
