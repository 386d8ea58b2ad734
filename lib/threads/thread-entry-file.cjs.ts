import { join } from 'node:path';

// Takes the place of thread-entry-file.ts in the CommonJS build, where there is no
// import.meta. Threads run ES modules there too.

/** What every thread loads first: that of the ES modules. */
export const THREAD_ENTRY = join(__dirname, '../../threads/thread-entry.js');
