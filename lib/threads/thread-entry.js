// Plain JavaScript in the sources too: a thread cannot load TypeScript before this has run.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {import('./thread-call.js').ThreadAnswer} ThreadAnswer
 * @typedef {import('./thread-call.js').ThreadCall} ThreadCall
 * @typedef {typeof import('./run-call.js')} CallRunner
 */

const TYPESCRIPT = /\.[cm]?tsx?$/;

const builtRunner = new URL('./run-call.js', import.meta.url);
// The tests of this library run from its sources.
const runnerUrl = existsSync(builtRunner)
  ? builtRunner.href
  : new URL('./run-call.ts', import.meta.url).href;

/** @type {import('jiti').Jiti | undefined} */
let jiti;

/**
 * Handles one call on a thread of the pool.
 *
 * @param {ThreadCall} call
 * @returns {Promise<ThreadAnswer>}
 */
export async function runCall(call) {
  if (TYPESCRIPT.test(call.url)) {
    try {
      await loadJiti();
    } catch (cause) {
      return { kind: 'uncompiled', path: fileURLToPath(call.url), cause };
    }
  }
  const runner = /** @type {CallRunner} */ (await load(runnerUrl));
  return runner.runCall(call, load);
}

/**
 * @param {string} url
 * @returns {Promise<unknown>}
 */
async function load(url) {
  return TYPESCRIPT.test(url) ? (await loadJiti()).import(url) : import(url);
}

async function loadJiti() {
  if (!jiti) {
    const { createJiti } = await import('jiti');
    // Run from the working directory, jiti caches in the node_modules of the project.
    jiti = createJiti(process.cwd());
  }
  return jiti;
}
