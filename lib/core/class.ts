/** A class whose instances are `T`. */
// oxlint-disable-next-line typescript/no-explicit-any -- only `any[]` matches every constructor
export type Class<T> = new (...args: any[]) => T;
