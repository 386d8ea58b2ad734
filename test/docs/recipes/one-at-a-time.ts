import type { TaskInterceptorFunction } from 'nestjs-tasks';

/** An interceptor that lets tasks with the same key wait for each other, in this process. */
export function oneAtATime(
  keyOf: (args: readonly unknown[]) => string,
): TaskInterceptorFunction {
  const last = new Map<string, Promise<unknown>>();
  return async (task, next) => {
    const key = keyOf(task.args);
    const before = last.get(key);
    const run = (async () => {
      await before?.catch(() => {});
      return next();
    })();
    last.set(key, run);
    try {
      return await run;
    } finally {
      if (last.get(key) === run) last.delete(key);
    }
  };
}
