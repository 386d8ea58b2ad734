import { join } from 'node:path';

/**
 * Replaces `thread-entry-file.ts` in the CommonJS build, which has no `import.meta`.
 * Both files export the same constant, and nothing else: docs/decisions/0005 says how the
 * two builds are made.
 */
export const THREAD_ENTRY = join(
  // `dist/cjs/threads`, once it is compiled.
  __dirname,
  // The threads run the ES modules, so the path leads out of `dist/cjs` into `dist`. There
  // is one copy of this package's classes on a thread, whichever build the main thread
  // has loaded.
  '../../threads/thread-entry.js',
);
