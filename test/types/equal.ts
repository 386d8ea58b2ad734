/** Whether two types are the same, not only assignable to each other. */
export type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2
    ? true
    : false;

/** Does not compile unless its type argument is `true`. */
export function check<_Proof extends true>(): void {}

/** Mentions a value, so that a comment can be attached to the mention. */
export function use(..._values: readonly unknown[]): void {}
