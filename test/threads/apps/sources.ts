import { inThread } from '../../../lib/threads/index.js';
import type * as computing from '../modules/computing.js';
import { report } from './open-tasks.js';

const [, , source] = process.argv;
const whichThread = inThread<typeof computing.default>(source!);

try {
  const threads = new Set<number>();
  for (let call = 0; call < 3; call += 1) threads.add(await whichThread());
  report({ threads: threads.size });
} catch (error) {
  const { code, message, cause } = error as Error & { code?: string };
  report({ code, message, cause: String(cause) });
}
