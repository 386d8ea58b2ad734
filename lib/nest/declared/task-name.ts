import { quoted } from '../../core/base/describe.js';
import type { Class } from '../../core/base/class.js';
import { TaskInvalidOptionError } from '../../core/base/errors.js';
import type { TaskMetadata } from './task.decorator.js';

/**
 * The name of a declared task: its own, or `Class.method`.
 *
 * @throws TaskInvalidOptionError for a durable task whose default name is another one in
 * each process, so that no worker would know its jobs
 */
export function declaredName(
  type: Class<object>,
  method: string,
  { name, options }: TaskMetadata,
): string {
  if (name !== undefined) return name;
  if (options.durable && isMixin(type)) {
    throw new TaskInvalidOptionError(
      `The durable task ${method}() of the mixin ${quoted(type.name)} needs a name, because mixin() names the class differently in each process. ` +
        "Pass a name that is the same everywhere: @Task('invoice.send', { durable: true }).",
    );
  }
  return `${type.name}.${method}`;
}

/** Nest's `mixin()` gives its class a random name, which its source does not have. */
function isMixin(type: Class<object>): boolean {
  const source = Function.prototype.toString.call(type);
  return /^[\da-z]{21}$/.test(type.name) && !source.includes(type.name);
}
