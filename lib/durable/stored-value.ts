import { quoted } from '../core/base/describe.js';
import { TaskInvalidArgumentError } from '../core/base/durable-errors.js';
import { messageOf } from '../core/base/to-error.js';
import type { ArgumentCodec } from './durable-engine.js';

/**
 * A value that a task stores while it runs or when it ends, encoded as the only argument of
 * a call.
 *
 * @param what for the error, such as `'progress'`
 * @throws TaskInvalidArgumentError for what cannot be stored
 */
export function encodeValue(
  codec: ArgumentCodec,
  value: unknown,
  what: 'progress' | 'result',
  taskName: string,
): string {
  try {
    return codec.encode([value], taskName);
  } catch (cause) {
    throw new TaskInvalidArgumentError(
      `The ${what} of task ${quoted(taskName)} cannot be stored: ${messageOf(cause)}`,
      { cause },
    );
  }
}
