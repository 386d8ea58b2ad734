import { quoted } from '../core/base/describe.js';
import { concealed, secretsIn } from '../core/base/concealed-error.js';
import { TaskInvalidArgumentError } from '../core/base/durable-errors.js';
import { isThenable } from '../core/base/settled.js';
import { messageOf } from '../core/base/to-error.js';
import type {
  ArgumentSchema,
  DeclaredTask,
  SchemaResult,
} from '../core/task/declared-task.js';
import type { ArgumentCodec, TaskJob } from './durable-engine.js';
import { UnknownJobError } from './envelope.js';

/**
 * The arguments of a call, checked and encoded as they are stored.
 *
 * @throws TaskInvalidArgumentError for arguments that cannot be stored or do not match
 * the schema
 */
export function encodeArguments(
  codec: ArgumentCodec,
  { name, schema }: DeclaredTask,
  args: readonly unknown[],
): string {
  if (schema && isThenable(checkedArguments(schema, args, name))) {
    throw new TaskInvalidArgumentError(
      `The schema of task ${quoted(name)} is asynchronous, so its arguments cannot be checked when it is scheduled. ` +
        'Use a synchronous schema.',
    );
  }
  return codec.encode(args, name);
}

/**
 * The arguments of a task that runs in the process that scheduled it, as its method gets
 * them: those that a worker would read from a store.
 *
 * @throws TaskInvalidArgumentError for a schema that has become asynchronous
 */
export function decodeArguments(
  codec: ArgumentCodec,
  { name, schema }: DeclaredTask,
  payload: string,
): unknown[] {
  const args = codec.decode(payload);
  if (!schema) return args;
  const checked = checkedArguments(schema, args, name);
  if (!isThenable(checked)) return checked;
  throw new TaskInvalidArgumentError(
    `The schema of task ${quoted(name)} is asynchronous. Use a synchronous schema.`,
  );
}

/**
 * The arguments of a job that a store has returned.
 *
 * @throws (rejects with) TaskInvalidArgumentError for arguments that nobody can decode
 * @throws (rejects with) UnknownJobError for arguments that another process may accept: its
 * schema may be newer, and a codec of the application may have another key there
 */
export async function storedArguments(
  codec: ArgumentCodec,
  { name, schema }: DeclaredTask,
  { args: payload, scheduledFor }: TaskJob,
): Promise<unknown[]> {
  let args: unknown[];
  try {
    // An occurrence of a recurring task has none.
    args = scheduledFor === undefined ? codec.decode(payload) : [];
  } catch (error) {
    if (error instanceof TaskInvalidArgumentError) throw error;
    throw new UnknownJobError(
      `the \`codec\` of its engine cannot decode its arguments: ${concealed(error, [payload]).name}`,
    );
  }
  if (!schema) return args;
  try {
    return await checkedArguments(schema, args, name);
  } catch (error) {
    throw new UnknownJobError(messageOf(error));
  }
}

/**
 * The arguments that the schema of their task makes of them: it may trim, convert, and
 * fill in defaults.
 *
 * @throws (or rejects with) TaskInvalidArgumentError that lists the issues, without the
 * arguments
 */
export function checkedArguments(
  schema: ArgumentSchema,
  args: readonly unknown[],
  taskName: string,
): unknown[] | PromiseLike<unknown[]> {
  const check = (result: SchemaResult): unknown[] => {
    if (!result.issues) {
      if (Array.isArray(result.value)) return result.value as unknown[];
      throw new TaskInvalidArgumentError(
        `The schema of task ${quoted(taskName)} must return the arguments as an array, got ${kindOf(result.value)}.`,
      );
    }
    const issues = result.issues.map(describeIssue).join('; ');
    // Without the issues as a cause: they have what was refused in them.
    throw new TaskInvalidArgumentError(
      `The arguments of task ${quoted(taskName)} do not match its schema: ${issues}`,
    );
  };
  const fail = (thrown: unknown): never => {
    const cause = concealed(thrown, secretsIn(args));
    throw new TaskInvalidArgumentError(
      `The schema of task ${quoted(taskName)} failed: ${cause.message}`,
      { cause },
    );
  };
  let result: SchemaResult | PromiseLike<SchemaResult>;
  try {
    result = schema['~standard'].validate([...args]);
  } catch (thrown) {
    return fail(thrown);
  }
  return isThenable(result) ? result.then(check, fail) : check(result);
}

/** A key that is a name in the code of the schema, and not a piece of data. */
const NAME = /^[A-Za-z_$][\w$]{0,63}$/;

/** Where an issue is and of which kind; its message may quote what was refused. */
function describeIssue(issue: {
  readonly message: string;
  readonly path?: unknown;
  readonly code?: unknown;
  readonly type?: unknown;
}): string {
  const path = Array.isArray(issue.path) ? (issue.path as unknown[]) : [];
  const steps = path.map((step) => {
    const key =
      typeof step === 'object' && step !== null && 'key' in step
        ? step.key
        : step;
    if (typeof key === 'number') return `[${key}]`;
    return typeof key === 'string' && NAME.test(key) ? `.${key}` : '[…]';
  });
  const kind = [issue.code, issue.type].find(
    (word): word is string => typeof word === 'string' && NAME.test(word),
  );
  return `args${steps.join('')}: ${kind ?? 'invalid'}`;
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : `a value of type ${typeof value}`;
}
