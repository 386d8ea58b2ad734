import { resourcesHere } from '../core/app/app-resources.js';
import { ARGUMENT_CHECK } from '../core/base/argument-check.js';
import { describe, quoted } from '../core/base/describe.js';
import { LONGEST_DELAY_MS } from '../core/base/duration.js';
import { TaskInvalidOptionError } from '../core/base/errors.js';
import { TaskPeerMissingError } from '../core/base/durable-errors.js';
import { callingTask } from '../core/task/task-context.js';
import { messageOf } from '../core/base/to-error.js';
import { decodeThrown } from './encoded-thrown.js';
import { examineArguments } from './examine-arguments.js';
import { restoreBuffers } from './examine-data.js';
import { TaskThreadError } from './task-thread-error.js';
import type { ThreadAnswer, ThreadCall } from './thread-call.js';
import { findThreadModule } from './thread-module.js';
import { ThreadPool, type ThreadPoolOwner } from './thread-pool.js';

/** For a single call, whose promise reports every failure, so nothing is logged. */
const ONE_THREAD: ThreadPoolOwner = {
  settings: { threads: { max: 1, idleTimeoutMs: LONGEST_DELAY_MS } },
  log: { error() {}, warn() {}, info() {} },
};

/**
 * A function that runs on a worker thread: it takes the same arguments and returns a
 * promise of the result.
 *
 * @publicApi
 */
export type ThreadFunction<F extends (...args: never[]) => unknown> = (
  ...args: Parameters<F>
) => Promise<Awaited<ReturnType<F>>>;

/**
 * Wraps an exported function so that it runs on a worker thread and does not block the
 * event loop. Schedule the returned function like any other; it is named after the export.
 * Arguments and result are copied as by `structuredClone()`.
 *
 * A call within a task uses the threads of the application (`threads` in the options of
 * `TasksModule`), which end when the application has shut down. The thread of a call is
 * terminated when its task is cancelled, its attempt times out or the shutdown aborts its
 * signal. A call outside any task has its own thread, which ends with the call.
 *
 * @param url the module: `new URL('./thumbnail.js', import.meta.url)`, or an absolute path.
 * If `thumbnail.js` does not exist, as in a test that runs from the sources, `thumbnail.ts`
 * is loaded, which needs the package `jiti`.
 * @param exportName the name of the exported function
 * @throws TaskInvalidOptionError when the module does not exist or the name is empty. For
 * arguments that cannot be copied, `schedule()` throws it and the function rejects with it.
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
  const moduleUrl = findThreadModule(url);
  if (typeof exportName !== 'string' || exportName === '') {
    throw new TaskInvalidOptionError(
      `The export name given to inThread() must be a non-empty string, got ${describe(exportName)}.`,
    );
  }
  const onThread = async (
    ...args: Parameters<F>
  ): Promise<Awaited<ReturnType<F>>> => {
    const buffers = examineArguments(exportName, args);
    const answer = await run({ url: moduleUrl, exportName, args, buffers });
    return valueOf(answer, exportName) as Awaited<ReturnType<F>>;
  };
  Object.defineProperty(onThread, 'name', { value: exportName });
  return Object.assign(onThread, {
    [ARGUMENT_CHECK]: (args: readonly unknown[]) =>
      void examineArguments(exportName, args),
  });
}

/** Uses the threads of the application whose task is calling, otherwise a thread for this call. */
async function run(call: ThreadCall): Promise<ThreadAnswer> {
  const pool = resourcesHere()?.get(ThreadPool);
  if (pool) return pool.run(call, signalHere());
  const ownThread = new ThreadPool(ONE_THREAD);
  try {
    return await ownThread.run(call);
  } finally {
    await ownThread.dispose();
  }
}

/** The signal that aborts the call: that of the attempt that makes it. */
function signalHere(): AbortSignal | undefined {
  const task = callingTask();
  // An error handler may call functions although the last attempt was aborted.
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
        `${quoted(name)} failed on its thread: ${answer.why}${more}.`,
        { cause },
      );
    }
    case 'uncompiled':
      throw new TaskPeerMissingError(
        `To run ${answer.path} before it is compiled, nestjs-tasks/threads`,
        'jiti',
        { cause: answer.cause },
      );
  }
}
