import type { ArgumentSchema, SchemaResult } from '../core/declared-task.js';
import { TaskInvalidArgumentError } from '../core/errors.js';
import { isThenable } from '../core/settled.js';

/**
 * Checks arguments against the schema of their task.
 *
 * @throws (or rejects with) TaskInvalidArgumentError that says what is wrong
 */
export function checkSchema(
  schema: ArgumentSchema,
  args: readonly unknown[],
  taskName: string,
): void | PromiseLike<void> {
  const check = (result: SchemaResult) => {
    if (!result.issues) return;
    const issues = result.issues.map(describeIssue).join('; ');
    throw new TaskInvalidArgumentError(
      `The arguments of task "${taskName}" are not what its schema says: ${issues}`,
      { cause: result.issues },
    );
  };
  const result = schema['~standard'].validate([...args]);
  return isThenable(result) ? result.then(check) : check(result);
}

function describeIssue(issue: {
  readonly message: string;
  readonly path?: unknown;
}): string {
  if (!Array.isArray(issue.path)) return issue.message;
  const path = (issue.path as unknown[]).map((step) => {
    const key =
      typeof step === 'object' && step !== null && 'key' in step
        ? step.key
        : step;
    return typeof key === 'number' ? `[${key}]` : `.${String(key)}`;
  });
  return `args${path.join('')}: ${issue.message}`;
}
