import { TaskInvalidOptionError } from './errors.js';
import { ignoreRejection, isThenable } from './settled.js';

/**
 * What a function of the options answered, which must not be a promise: nobody
 * would wait for it, and as a condition it would count as true.
 *
 * @throws TaskInvalidOptionError for a promise
 */
export function syncAnswer<T>(answer: T, option: string): T {
  if (!isThenable(answer)) return answer;
  ignoreRejection(answer);
  throw new TaskInvalidOptionError(
    `\`${option}\` must answer at once, but it returned a promise. Decide by its arguments alone, without await.`,
  );
}
