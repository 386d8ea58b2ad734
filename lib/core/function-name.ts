/**
 * The name of a function for people to read, without what `bind()` puts before it.
 * A `name` can be overwritten with anything, a getter that throws included.
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
