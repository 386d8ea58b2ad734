import { TaskError } from './task-error.js';
import { isError, messageOf, plainError } from './to-error.js';

/** Shorter texts are so common that they give nothing away. */
const SHORTEST_SECRET = 4;
/** What shows that a longer text is there, even if its end was cut. */
const LONGEST_SECRET = 64;
/** Among more values than these, every message may show one. */
const MOST_VALUES = 10_000;
const MOST_CAUSES = 3;

/**
 * An error of a driver, a validator or a codec, as it may be shown by logs and events:
 * plain data, without credentials in addresses, and without a message that has one of the
 * `secrets` in it. The same is done to its causes.
 */
export function concealed(
  thrown: unknown,
  secrets: readonly string[] = [],
  depth = 0,
): Error {
  if (thrown instanceof TaskError && thrown.cause === undefined) return thrown;
  const error = isError(thrown) ? thrown : new Error(messageOf(thrown));
  const { name, message: full, stack = '' } = plainError(error);
  const { code, cause } = partsOf(error);
  const message = secrets.some((secret) => full.includes(secret))
    ? `its message is not shown, because it has arguments of a task in it${code === undefined ? '' : ` (${code})`}`
    : withoutCredentials(full || (code ?? ''));
  const options =
    cause === undefined || depth === MOST_CAUSES
      ? undefined
      : { cause: concealed(cause, secrets, depth + 1) };
  const copy = Object.assign(new Error(message, options), code && { code });
  copy.name = name;
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  copy.stack = [`${name}: ${message}`, ...frames].join('\n');
  return copy;
}

/** A text in which addresses have no user and no password. */
export function withoutCredentials(text: string): string {
  return text.replace(/(\w:\/\/)[^\s/@]*@/g, '$1***@');
}

/** What an error message must not have in it, lest it shows these values. */
export function secretsIn(values: readonly unknown[]): string[] {
  const secrets = new Set<string>();
  const met = new Set<unknown>(values);
  for (const value of met) {
    if (met.size > MOST_VALUES) return [''];
    if (typeof value === 'object' && value !== null) {
      for (const part of partsIn(value)) met.add(part);
    } else if (typeof value !== 'function' && typeof value !== 'symbol') {
      const text = String(value).slice(0, LONGEST_SECRET);
      if (text.length < SHORTEST_SECRET) continue;
      secrets.add(text);
      // As JSON and SQL write it.
      secrets.add(JSON.stringify(text).slice(1, -1));
      secrets.add(text.replaceAll("'", "''"));
    }
  }
  return [...secrets];
}

function partsIn(value: object): readonly unknown[] {
  try {
    if (value instanceof Date) return [value.getTime(), JSON.stringify(value)];
    if (value instanceof Map) return [...value.keys(), ...value.values()];
    if (value instanceof Set) return [...value];
    if (value instanceof Error) return [value.message, value.cause];
    return ArrayBuffer.isView(value) ? [] : Object.values(value);
  } catch {
    // A getter of an argument threw.
    return [];
  }
}

/** The code of an error, if it is one, and its cause. Its getters may throw. */
function partsOf(error: Error): { code?: string; cause?: unknown } {
  try {
    const { code, cause } = error as { code?: unknown; cause?: unknown };
    const isCode = typeof code === 'string' && /^[\w.-]{1,40}$/.test(code);
    return { ...(isCode && { code }), cause };
  } catch {
    return {};
  }
}
