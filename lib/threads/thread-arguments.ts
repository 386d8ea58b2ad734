import { TaskInvalidOptionError } from '../core/errors.js';
import { examineData } from './examined-data.js';
import { findByCopying, type Obstacle } from './obstacles.js';

/**
 * Looks through the arguments of a function that runs on a thread; gives the buffers in
 * them.
 *
 * @throws TaskInvalidOptionError when something in them cannot be copied
 */
export function examineArguments(
  name: string,
  args: readonly unknown[],
): readonly Uint8Array[] {
  const { obstacle, buffers } = examineData(args, 'args');
  if (obstacle) throw refusal(name, obstacle);
  return buffers;
}

/** Why arguments could not be copied that looked as if they could. */
export function failureToCopy(
  name: string,
  args: readonly unknown[],
): Error | undefined {
  const obstacle = findByCopying(args, 'args');
  return obstacle && refusal(name, obstacle);
}

function refusal(name: string, { path, what }: Obstacle): Error {
  return new TaskInvalidOptionError(
    `"${name}" runs on a thread, and ${path} is ${what}, which cannot be copied to it. ` +
      'Pass plain data: what structuredClone() copies.',
  );
}
