import { writeSync } from 'node:fs';
import { lineAtExit } from '../../core/app/log-lines.js';
import type { TaskRuntime } from '../../core/app/task-runtime.js';
import type { Log } from '../../core/base/log.js';

/** The applications of this process that have shielded tasks. */
const watched = new Set<TaskRuntime>();

/**
 * Names the shielded tasks that the end of the process cuts off, such as a call of
 * `process.exit()` by another listener of a signal, until the application has closed.
 */
export function nameTasksAtExit(runtime: TaskRuntime): void {
  if (watched.size === 0) process.on('exit', nameTasks);
  watched.add(runtime);
}

/** The application has closed, and has no tasks left. */
export function forgetAtExit(runtime: TaskRuntime): void {
  watched.delete(runtime);
  if (watched.size === 0) process.off('exit', nameTasks);
}

function nameTasks(): void {
  for (const runtime of watched) {
    const cutOff = runtime
      .unsettledTasks()
      .filter(({ isShielded }) => isShielded);
    if (cutOff.length === 0) continue;
    try {
      // A logger may write later, and there is no later.
      writeSync(process.stderr.fd, `${lineAtExit(cutOff)}\n`);
    } catch {
      // Nobody reads it any more.
    }
  }
}

/** Without shutdown hooks a signal ends the process before shielded tasks are drained. */
export function warnWithoutShutdownHooks(log: Log): void {
  const listeners = (['SIGTERM', 'SIGINT'] as const).flatMap((signal) =>
    process.listeners(signal),
  );
  if (listeners.some(closesApplication)) return;
  log.warn(
    listeners.length === 0
      ? 'A shielded task was scheduled, but nothing listens for SIGTERM or SIGINT, so either signal would end the process ' +
          'without waiting for the task. Call app.enableShutdownHooks() before app.listen().'
      : 'A shielded task was scheduled, but the listeners for SIGTERM and SIGINT are not those of app.enableShutdownHooks(), so the task is waited for ' +
          'only if one of them calls app.close() and waits for it before the process ends. Call app.enableShutdownHooks() before app.listen().',
  );
}

/** Whether its source shows that it is Nest's own listener, or that it closes something. */
function closesApplication(listener: CallableFunction): boolean {
  const source = Function.prototype.toString.call(listener);
  return /\breceivedSignal\b|\bclose\(/.test(source);
}
