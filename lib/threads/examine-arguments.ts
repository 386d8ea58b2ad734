import { quoted } from '../core/base/describe.js';
import { TaskInvalidOptionError } from '../core/base/errors.js';
import { findByCopying, type CopyObstacle } from './copy-obstacle.js';
import { examineData } from './examine-data.js';

/**
 * Checks that the arguments of a function can be copied to a thread.
 *
 * @returns the `Buffer`s within the arguments
 * @throws TaskInvalidOptionError for an argument that cannot be copied
 */
export function examineArguments(
  name: string,
  args: readonly unknown[],
): readonly Uint8Array[] {
  const { obstacle, buffers } = examineData(args, 'args');
  if (obstacle) throw refusal(name, obstacle);
  return buffers;
}

/** The error for arguments that passed {@link examineArguments} and cannot be copied. */
export function failureToCopy(
  name: string,
  args: readonly unknown[],
): TaskInvalidOptionError | undefined {
  const obstacle = findByCopying(args, 'args');
  return obstacle && refusal(name, obstacle);
}

function refusal(
  name: string,
  { path, what }: CopyObstacle,
): TaskInvalidOptionError {
  return new TaskInvalidOptionError(
    `${quoted(name)} runs on a thread, and ${path} is ${what}, which cannot be copied to it. ` +
      'Pass plain data: what structuredClone() copies.',
  );
}
