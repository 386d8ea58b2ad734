import { fileURLToPath } from 'node:url';

/** What every thread loads first: JavaScript in the sources too. */
export const THREAD_ENTRY = fileURLToPath(
  new URL('./thread-entry.js', import.meta.url),
);
