// Plain JavaScript, because a thread cannot load TypeScript before this has run.
import { existsSync } from 'node:fs';
import { enableTypeScript } from './typescript-hooks.js';

/** @typedef {typeof import('./run-call.js').runCall} RunCall */

/** @type {RunCall | undefined} */
let runHere;

/**
 * What a thread of the pool does with a call.
 *
 * @type {RunCall}
 */
export async function runCall(call) {
  if (call.isTypeScript) enableTypeScript();
  runHere ??= await loadRunCall();
  return runHere(call);
}

async function loadRunCall() {
  const isBuilt = existsSync(new URL('./run-call.js', import.meta.url));
  if (!isBuilt) enableTypeScript();
  const loaded = await import('./run-call.js');
  return loaded.runCall;
}
