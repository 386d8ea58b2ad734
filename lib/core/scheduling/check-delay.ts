import { quoted } from '../base/describe.js';
import { TaskInvalidOptionError } from '../base/errors.js';
import { delayMsOf } from '../options/delay.js';
import type { TaskPhase } from '../task/task-phase.js';
import type { TaskOptions } from '../task/task.js';

/**
 * Refuses a delay that cannot be kept: by a response that would have to wait for it, or
 * by a shutdown.
 *
 * @throws TaskInvalidOptionError
 */
export function checkDelay(
  name: string,
  phase: TaskPhase,
  options: Readonly<TaskOptions>,
  gracePeriodMs: number,
): void {
  const { delay, at, durable, shield } = options;
  const option = delay === undefined ? 'at' : 'delay';
  if (delay !== undefined && at !== undefined) {
    throw new TaskInvalidOptionError(
      `Task ${quoted(name)} has \`delay\` and \`at\`, which say the same in two ways. Leave one of them out.`,
    );
  }
  if (durable) return;
  if (phase === 'afterRoute') {
    throw new TaskInvalidOptionError(
      `\`${option}\` of the after-route task ${quoted(name)} would keep the client waiting. ` +
        'Make the task durable: the response then waits only until it is stored. Or use `tasks.afterResponse`.',
    );
  }
  if (shield && delayMsOf(options, Date.now()) > gracePeriodMs) {
    throw new TaskInvalidOptionError(
      `\`shield\` cannot carry the task ${quoted(name)} through a shutdown: its \`${option}\` is longer than the grace period of ${gracePeriodMs} ms. ` +
        'Make it durable, or leave `shield` out: a shutdown then drops it.',
    );
  }
}
