/**
 * A function that does not accept every argument carries a check under this key, so
 * that a mistake is reported where the task is scheduled.
 */
export const ARGUMENT_CHECK = Symbol('nestjs-tasks:argument-check');

/** A function that checks its arguments. */
export interface ChecksArguments {
  /** @throws TaskInvalidOptionError for arguments that the function does not accept */
  readonly [ARGUMENT_CHECK]: (args: readonly unknown[]) => void;
}

/** Runs the check that `fn` carries, if any. */
export function checkArguments(fn: object, args: readonly unknown[]): void {
  (fn as Partial<ChecksArguments>)[ARGUMENT_CHECK]?.(args);
}
