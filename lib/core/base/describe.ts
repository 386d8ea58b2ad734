import { inspect } from 'node:util';

/** Text beyond this length is cut in messages. */
const MAX_TEXT_LENGTH = 200;

/** A text as messages show it: cut when it is long. */
export function excerpt(text: string, maxLength = MAX_TEXT_LENGTH): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}

/** A text with its control characters escaped, so that it cannot forge a line of the log. */
export function oneLine(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A name as messages show it: quoted, on one line, and cut when it is long. */
export function quoted(name: string): string {
  return `"${oneLine(excerpt(name))}"`;
}

/** A value as messages show it: short, and without the contents of objects. Never throws. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return `'${oneLine(excerpt(value))}'`;
    case 'object':
      return isArray(value) ? 'an array' : 'an object';
    case 'function':
      return 'a function';
    default:
      return inspect(value);
  }
}

function isArray(value: object): boolean {
  try {
    return Array.isArray(value);
  } catch {
    // It is a revoked Proxy.
    return false;
  }
}

/**
 * The name of a function, without the prefix that `bind()` adds. Its `name` may have
 * been replaced by anything, including a getter that throws.
 */
export function nameOfFunction(fn: unknown): string {
  try {
    const { name } = fn as { name: unknown };
    const given =
      typeof name === 'string' ? name.replace(/^(bound )+/, '') : '';
    return given || 'anonymous';
  } catch {
    return 'anonymous';
  }
}
