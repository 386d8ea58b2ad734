/**
 * A function that cannot take every argument carries its check under this key, so
 * that a mistake shows where the task is scheduled.
 */
export const ARGUMENT_CHECK = Symbol('nestjs-tasks:argument-check');

/** A function with a check of its arguments. */
export interface ChecksArguments {
  /** @throws TaskInvalidOptionError for arguments that the function cannot take */
  readonly [ARGUMENT_CHECK]: (args: readonly unknown[]) => void;
}

/** Lets `fn` check its arguments, if it has a check. */
export function checkArguments(fn: object, args: readonly unknown[]): void {
  (fn as Partial<ChecksArguments>)[ARGUMENT_CHECK]?.(args);
}
