/** A class whose instances are `T`. */
// oxlint-disable-next-line typescript/no-explicit-any -- only `any[]` matches every constructor
export type Class<T> = new (...args: any[]) => T;

/** Whether `value` can be a class: a function with a prototype. Never throws. */
export function isClass(value: unknown): value is Class<object> {
  if (typeof value !== 'function') return false;
  try {
    const { prototype } = value as { prototype?: unknown };
    return typeof prototype === 'object' && prototype !== null;
  } catch {
    // It is a Proxy.
    return false;
  }
}
