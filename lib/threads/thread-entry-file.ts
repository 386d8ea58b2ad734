import { fileURLToPath } from 'node:url';

/**
 * The file that every thread loads first. Threads run the ES modules, whichever build the
 * application has loaded: the file imports modules of the user, which may be ES modules.
 *
 * This is the only module that has to know where it is itself, and so the only one whose
 * source differs between the builds. The CommonJS build, which has no `import.meta`,
 * replaces it with `thread-entry-file.cjs.ts`; nothing else belongs in either file.
 *
 * docs/decisions/0005 says how the two builds are made.
 */
export const THREAD_ENTRY = fileURLToPath(
  // Not `import.meta.resolve()`, which test runners do not support.
  new URL('./thread-entry.js', import.meta.url),
);
