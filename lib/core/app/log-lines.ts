import { excerpt, nameOfFunction, oneLine, quoted } from '../base/describe.js';
import type { Log } from '../base/log.js';
import { messageOf } from '../base/to-error.js';
import type { TaskEvent } from '../task/task-event.js';
import { describeRecurrence, type TaskRecurrence } from '../task/recurrence.js';
import type { TaskIncidents } from '../task/task-incidents.js';
import type { Task } from '../task/task.js';

/** Every line that is logged about a task. */
export class LogLines implements TaskIncidents {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  failed(task: Task, error: Error): void {
    const { attempt, startedAt, endedAt } = task;
    const when =
      startedAt === undefined || endedAt === undefined
        ? ''
        : ` on attempt ${attempt}, ${endedAt - startedAt} ms after its start`;
    this.#log.error(`Task ${label(task)} failed${when}: ${said(error)}`, error);
  }

  retrying(task: Task, error: Error, failures: number, pauseMs: number): void {
    const attempts = (task.options.retries ?? 0) + 1;
    this.#log.warn(
      `Task ${label(task)} failed on attempt ${failures} of ${attempts}, again in ${Math.round(pauseMs)} ms: ${said(error)}`,
    );
  }

  postponed(task: Task, error: Error, pauseMs: number): void {
    this.#log.warn(
      `Task ${label(task)} runs again in ${Math.round(pauseMs)} ms, as its attempt ${task.attempt} has asked for: ${said(error)}`,
    );
  }

  dropped(reason: unknown): void {
    this.#log.warn(said(reason));
  }

  /** The drops of a shutdown are logged together, at the end of a drain. */
  droppedAtShutdown(what: string, names: readonly string[]): void {
    const list = names.map((name) => excerpt(name)).join(', ');
    this.#log.warn(
      `${what}: ${names.length} ${names.length === 1 ? 'task' : 'tasks'} dropped: ${list}`,
    );
  }

  /** A shutdown has ended the attempt of a job, which an engine keeps. */
  givenBack(task: Task, engine: string): void {
    this.#log.info(
      `Task ${label(task)} did not end in time and is given back to ${engine}: the application is shutting down. Another worker runs it again.`,
    );
  }

  retryPolicyFailed(task: Task, policyError: unknown, error: Error): void {
    this.#log.error(
      `Task ${label(task)} is not tried again: its retryIf or backoff failed with ` +
        `"${said(policyError)}" when asked about "${said(error)}".`,
      policyError,
    );
  }

  stopFailed(task: Task, error: unknown): void {
    this.#log.error(
      `The Observable or generator of task ${label(task)} failed when it was stopped: ${said(error)}.`,
      error,
    );
  }

  errorHandlerFailed(
    task: Task,
    handler: unknown,
    thrown: unknown,
    error: Error,
  ): void {
    this.#log.error(
      `The error handler ${quoted(nameOfFunction(handler))} of task ${label(task)} failed with ` +
        `"${said(thrown)}" while handling "${said(error)}".`,
      thrown,
    );
  }

  observerFailed({ type, task }: TaskEvent, error: unknown): void {
    this.#log.error(
      `An observer failed with "${said(error)}" on the event "${type}" of task ${label(task)}.`,
      error,
    );
  }

  waitUntilFailed(error: unknown): void {
    this.#log.error(
      `The \`waitUntil\` of TasksModule failed: ${said(error)}`,
      error,
    );
  }

  drainTimedOut(tasks: readonly Task[], timeoutMs: number): void {
    const names = tasks.map(({ name }) => quoted(name)).join(', ');
    this.#log.warn(
      `The response waited ${timeoutMs} ms for after-route tasks and is sent without them: ${names}. ` +
        'They continue. Raise `afterRoute.timeout`, or schedule slow work on `tasks.afterResponse`.',
    );
  }

  notAwaited(task: Task): void {
    this.#log.warn(
      `The response does not wait for after-route task ${label(task)}, because the task waits for the application to close. ` +
        'Close the application without awaiting it.',
    );
  }

  scheduledAfterRoute(task: Task): void {
    this.#log.warn(
      `The after-route task ${label(task)} was scheduled when the route was already done; it starts at once. ` +
        'Await what schedules it in the handler, or use `tasks.afterResponse`.',
    );
  }

  /** References to the declared methods of these classes would run as ordinary functions. */
  referencesUnrecognised(types: readonly { readonly name: string }[]): void {
    const names = types.map(({ name }) => name).join(', ');
    this.#log.warn(
      `References to the declared methods of ${names} cannot be recognised, because the instance returns another function at each access, ` +
        'as a Proxy of an `instanceDecorator` may do. schedule(provider.method, …) would run it undeclared: without its options, and not stored. ' +
        `Use of(): tasks.of(${types[0]?.name}).method(…).`,
    );
  }

  fellBack(error: Error): void {
    this.#log.warn(
      `${said(error)}. It runs in this process instead, under the same id.`,
    );
  }

  begunAlready(task: Task, jobId: string): void {
    this.#log.warn(
      `Task ${label(task)} is no longer wanted in the store, but its job ${jobId} has begun there, or has ended.`,
    );
  }

  notRemoved(task: Task, jobId: string, error: unknown): void {
    this.#log.error(
      `Task ${label(task)} is no longer wanted, but its job ${jobId} could not be removed from the store: ${said(error)}`,
      error,
    );
  }

  cancelledInStore(task: Task, reason: Error): void {
    this.#log.warn(
      `Task ${label(task)} was cancelled in the store while it ran here: ${said(reason)}`,
    );
  }

  occurrenceSkipped(task: Task, reason: string): void {
    const when = task.scheduledFor?.toISOString() ?? 'now';
    this.#log.warn(
      `The occurrence of ${when} of the recurring task ${label(task)} is skipped: ${reason}.`,
    );
  }

  /** @param changes the names of recurring tasks, by what happened to their schedules */
  schedulesChanged(
    changes: Readonly<
      Record<'added' | 'changed' | 'removed', readonly string[]>
    >,
    declared: readonly { task: string; recurrence: TaskRecurrence }[],
  ): void {
    const list = (names: readonly string[]) =>
      names
        .map((name) => {
          const known = declared.find(({ task }) => task === name);
          return known
            ? `${excerpt(name)} (${describeRecurrence(known.recurrence)})`
            : excerpt(name);
        })
        .join(', ');
    const parts = (['added', 'changed', 'removed'] as const)
      .filter((what) => changes[what].length > 0)
      .map((what) => `${what} ${list(changes[what])}`);
    if (parts.length === 0) return;
    this.#log.info(`Recurring tasks: ${parts.join('; ')}`);
  }

  resultNotKept(error: unknown): void {
    this.#log.warn(`${said(error)} The task has succeeded without it.`);
  }

  refused(error: Error): void {
    this.#log.error(said(error), error);
  }

  /** Logged once for each queue. */
  queueNotWorked(taskName: string, queue: string): void {
    this.#log.warn(
      `Task ${quoted(taskName)} is stored in the queue ${quoted(queue)}, which this process does not work and may not know of. ` +
        `Name it in @Task({ queue }) of a declared task or in \`worker.queues\`, there with 0 if only other processes work it: { ${quoted(queue)}: 0 }.`,
    );
  }

  /** Logged once for each task name: the job is put back, and comes again. */
  unknownJob(error: Error): void {
    this.#log.warn(said(error));
  }

  jobBroke(error: Error): void {
    this.#log.error(
      `A job could not be run because of an unexpected error: ${said(error)}. The engine keeps it as failed.`,
      error,
    );
  }

  propagationFailed(method: string, taskName: string, error: unknown): void {
    this.#log.error(
      `\`${method}\` of TasksModule failed for task ${quoted(taskName)}, which continues without its context: ${said(error)}`,
      error,
    );
  }
}

/** The line for tasks that the end of the process cuts off. */
export function lineAtExit(tasks: readonly Task[]): string {
  const shielded = tasks.length === 1 ? '1 task' : `${tasks.length} tasks`;
  return oneLine(
    `nestjs-tasks: the process ends before ${shielded} that a shutdown would have waited for: ${tasks.map(label).join(', ')}. ` +
      'Call app.close() and wait for it before process.exit().',
  );
}

function label({ name, id }: Task): string {
  return `${quoted(name)} (${id})`;
}

/** A message may be of any length; the whole error is passed to the logger beside it. */
const MAX_MESSAGE_LENGTH = 2_000;

function said(thrown: unknown): string {
  return excerpt(messageOf(thrown), MAX_MESSAGE_LENGTH);
}
