import { quoted } from '../core/base/describe.js';
import {
  TaskInvalidOptionError,
  TaskNotDeclaredError,
} from '../core/base/errors.js';
import type { TaskRuntime } from '../core/app/task-runtime.js';
import type { RecurringTask } from '../core/scheduling/check-repeat.js';
import type { ScheduledTask } from '../core/running/scheduled-task.js';
import type { DeclaredTask } from '../core/task/declared-task.js';
import { occurrencesOf } from '../durable/occurrences.js';
import { TaskRoute } from '../core/scope/task-route.js';
import { OccurrenceTask } from './occurrence-task.js';
import { fullTurn } from './real-clock.js';
import type { TaskHold } from './task-hold.js';

/** More occurrences than a test can mean. */
const MOST_OCCURRENCES = 10_000;

interface DueOccurrence {
  readonly declared: DeclaredTask & RecurringTask;
  readonly dueMs: number;
}

/** The recurring tasks of an application in a test, where no engine runs them. */
export class RecurringTasks {
  readonly #runtime: TaskRuntime;
  /** The last occurrence of each. */
  readonly #last = new Map<string, ScheduledTask>();
  /** How far the test has advanced beyond the clock. */
  #aheadMs = 0;

  readonly #hasEngine: boolean;

  /** @param hasEngine whether the schedules are those of an engine */
  constructor(runtime: TaskRuntime, hasEngine: boolean) {
    this.#runtime = runtime;
    this.#hasEngine = hasEngine;
  }

  /** @throws TaskNotDeclaredError for a task that does not recur */
  create(name: string): OccurrenceTask {
    const all = this.#runtime.registry.recurringTasks();
    const declared = all.find((task) => task.name === name);
    if (declared) return this.#create({ declared, dueMs: this.#nowMs });
    const known = all.map((task) => task.name).join(', ');
    throw new TaskNotDeclaredError(
      `The application has no recurring task named ${quoted(name)}. Known names: ${known || 'none'}. ` +
        "Correct the name, or declare it with @Task('…', { durable: true, repeat: { … } }).",
    );
  }

  /** @param hold of manual mode, which it passes by */
  runNow(task: OccurrenceTask, hold: TaskHold | undefined): void {
    if (hold) hold.runNow(task);
    else this.#runtime.runner.run(task);
  }

  /**
   * Starts, in order, what becomes due, delayed tasks included, or holds it in manual mode.
   *
   * @throws (rejects with) TaskInvalidOptionError when there are too many
   */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    for (const due of await this.#dueUntil(untilMs)) {
      this.#pass(due.dueMs - this.#nowMs);
      this.#start(due);
      await fullTurn();
    }
    this.#pass(untilMs - this.#nowMs);
  }

  #pass(ms: number): void {
    const stepMs = Math.max(0, ms);
    this.#aheadMs += stepMs;
    this.#runtime.delayed.advance(stepMs);
  }

  async #dueUntil(untilMs: number): Promise<DueOccurrence[]> {
    const all: DueOccurrence[] = [];
    if (this.#hasEngine) return all;
    for (const declared of this.#runtime.registry.recurringTasks()) {
      const occurrences = await occurrencesOf(declared.recurrence);
      let dueMs = occurrences.after(this.#nowMs);
      while (dueMs !== undefined && dueMs <= untilMs) {
        all.push({ declared, dueMs });
        if (all.length > MOST_OCCURRENCES) {
          throw new TaskInvalidOptionError(
            `advance() would run more than ${MOST_OCCURRENCES} occurrences of recurring tasks, such as of ${quoted(declared.name)}. Advance by less.`,
          );
        }
        dueMs = occurrences.after(dueMs);
      }
    }
    return all.sort((a, b) => a.dueMs - b.dueMs);
  }

  #start(due: DueOccurrence): void {
    const { name, recurrence } = due.declared;
    const last = this.#last.get(name);
    const task = this.#create(due);
    if (recurrence.overlap === 'skip' && last?.status === 'running') {
      const reason = 'an earlier one has not ended';
      task.settle({ status: 'skipped', reason });
      return;
    }
    this.#last.set(name, task);
    this.#runtime.runner.run(task);
  }

  #create({ declared, dueMs }: DueOccurrence): OccurrenceTask {
    const task = new OccurrenceTask(this.#runtime, declared, dueMs);
    if (task.home instanceof TaskRoute) task.home.resume(task);
    return task;
  }

  get #nowMs(): number {
    return this.#runtime.clock.date() + this.#aheadMs;
  }
}
