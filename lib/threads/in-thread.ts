import { fileURLToPath } from 'node:url';
import { resourcesHere } from '../core/app-resources.js';
import { ARGUMENT_CHECK } from '../core/argument-check.js';
import { describe } from '../core/check-options.js';
import { LONGEST_DELAY_MS } from '../core/duration.js';
import { TaskInvalidOptionError } from '../core/errors.js';
import { callingTask } from '../core/task-context.js';
import { messageOf } from '../core/to-error.js';
import { restoreBuffers } from './buffers.js';
import { decodeThrown } from './encoded-error.js';
import { TaskThreadError } from './task-thread-error.js';
import { examineArguments } from './thread-arguments.js';
import type { ThreadAnswer, ThreadCall } from './thread-call.js';
import { findThreadModule } from './thread-module.js';
import { keepCompilerLoaded } from './typescript-transpilers.js';
import { ThreadPool, type ThreadPoolOwner } from './thread-pool.js';

/** It has one call, which rejects with whatever there is to say. */
const ONE_THREAD: ThreadPoolOwner = {
  settings: { threads: { max: 1, idleTimeoutMs: LONGEST_DELAY_MS } },
  log: { error() {}, warn() {} },
};

/**
 * A function that runs on a worker thread: the same arguments, and a promise of the
 * result.
 *
 * @publicApi
 */
export type ThreadFunction<F extends (...args: never[]) => unknown> = (
  ...args: Parameters<F>
) => Promise<Awaited<ReturnType<F>>>;

/**
 * Makes a function of a module run on a worker thread, so that its computing does not hold
 * up the event loop. Schedule what is returned like any other function; it is named
 * after the export. Arguments and result are copied, as `structuredClone()` does it.
 *
 * Its threads are those of the application whose task calls it (`threads` in the options
 * of `TasksModule`). They end when the application has shut down. When the task is
 * cancelled, its attempt times out or the shutdown fires its signal, the call is ended in
 * its thread. Called outside any task, it runs on a thread of its own that ends with the
 * call.
 *
 * @param url the module: `new URL('./thumbnail.js', import.meta.url)`, or an absolute path.
 * Under a test runner, where there is no `thumbnail.js` yet, `thumbnail.ts` is taken.
 * @param exportName the function that it exports
 * @throws TaskInvalidOptionError when there is no such module, or no name. The function
 * rejects with it, and `schedule()` throws it, for arguments that cannot be copied.
 *
 * @example
 * ```ts
 * const thumbnail = inThread<typeof createThumbnail>(
 *   new URL('./thumbnail.js', import.meta.url),
 *   'createThumbnail',
 * );
 *
 * tasks.afterResponse.task({ timeout: '30s' }).schedule(thumbnail, path, 320);
 * ```
 *
 * @publicApi
 */
export function inThread<F extends (...args: never[]) => unknown>(
  url: URL | string,
  exportName = 'default',
): ThreadFunction<F> {
  const module = findThreadModule(url);
  if (typeof exportName !== 'string' || exportName === '') {
    throw new TaskInvalidOptionError(
      `inThread() takes the name of an exported function, but it is ${describe(exportName)}.`,
    );
  }
  const onThread = async (
    ...args: Parameters<F>
  ): Promise<Awaited<ReturnType<F>>> => {
    const buffers = examineArguments(exportName, args);
    const answer = await run({ ...module, exportName, args, buffers });
    return valueOf(answer, exportName) as Awaited<ReturnType<F>>;
  };
  Object.defineProperty(onThread, 'name', { value: exportName });
  return Object.assign(onThread, {
    [ARGUMENT_CHECK]: (args: readonly unknown[]) =>
      void examineArguments(exportName, args),
  });
}

/** On a thread of the application whose task calls, or on one that is there for this call. */
async function run(call: ThreadCall): Promise<ThreadAnswer> {
  if (call.isTypeScript) keepCompilerLoaded(fileURLToPath(call.url));
  const pool = resourcesHere()?.get(ThreadPool);
  if (pool) return pool.run(call, signalHere());
  const ownThread = new ThreadPool(ONE_THREAD);
  try {
    return await ownThread.run(call);
  } finally {
    await ownThread.dispose();
  }
}

/** What ends the call: the signal of the attempt that makes it. */
function signalHere(): AbortSignal | undefined {
  const task = callingTask();
  // What ended the last attempt is no reason to end what an error handler does about it.
  const isOver = task?.status === 'failed' && task.signal.aborted;
  return isOver ? undefined : task?.signal;
}

function valueOf(answer: ThreadAnswer, name: string): unknown {
  switch (answer.kind) {
    case 'value':
      restoreBuffers(answer.buffers);
      return answer.value;
    case 'thrown':
      throw decodeThrown(answer.thrown);
    case 'refused': {
      const cause = answer.cause && decodeThrown(answer.cause);
      const more = cause === undefined ? '' : ` (${messageOf(cause)})`;
      throw new TaskThreadError(
        `"${name}" failed on its thread: ${answer.why}${more}.`,
        { cause },
      );
    }
  }
}
