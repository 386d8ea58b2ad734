import {
  metrics,
  type Attributes,
  type Counter,
  type Histogram,
  type Meter,
} from '@opentelemetry/api';
import { ScheduledTask } from '../core/running/scheduled-task.js';
import type { TaskEvent } from '../core/task/task-event.js';
import type { TaskNumbers } from '../core/task/task-telemetry.js';
import type { Task } from '../core/task/task.js';

interface Instruments {
  readonly wait: Histogram;
  readonly run: Histogram;
  readonly outcomes: Counter;
}

/** The metrics of the tasks of all applications that it watches. */
export class TaskMetrics {
  readonly #watched = new Set<() => TaskNumbers>();
  #instruments: Instruments | undefined;

  /** Counts these numbers in, whenever metrics are collected, until the returned function is called. */
  watch(numbers: () => TaskNumbers): () => void {
    this.#watched.add(numbers);
    // Not before: a meter does not follow a provider that is registered later.
    this.#instruments ??= this.#create(metrics.getMeter('nestjs-tasks'));
    return () => void this.#watched.delete(numbers);
  }

  async measure(task: Task, run: () => Promise<unknown>): Promise<unknown> {
    const startMs = performance.now();
    let outcome = 'failed';
    try {
      const value = await run();
      outcome = 'succeeded';
      return value;
    } finally {
      const seconds = (performance.now() - startMs) / 1_000;
      this.#instruments?.run.record(seconds, attributesOf(task, outcome));
    }
  }

  observe({ type, task }: TaskEvent): void {
    switch (type) {
      case 'scheduled':
      case 'retrying':
      case 'fallback':
      case 'progress':
        return;
      case 'started':
        this.#started(task);
        return;
      default:
        this.#instruments?.outcomes.add(
          1,
          attributesOf(task, outcomeOf(type, task)),
        );
    }
  }

  #create(meter: Meter): Instruments {
    for (const [what, description] of [
      ['scheduled', 'Tasks that do not run yet, whatever they wait for'],
      ['waiting', 'Tasks that wait for a slot'],
      ['running', 'Tasks that run'],
    ] as const) {
      meter
        .createObservableUpDownCounter(`tasks.${what}`, {
          description,
          unit: '{task}',
        })
        .addCallback((result) => {
          let sum = 0;
          for (const numbers of this.#watched) sum += numbers()[what];
          result.observe(sum);
        });
    }
    return {
      wait: meter.createHistogram('tasks.wait.duration', {
        description: 'From the call of schedule() to the first attempt',
        unit: 's',
      }),
      run: meter.createHistogram('tasks.run.duration', {
        description: 'From the start of an attempt to its end',
        unit: 's',
      }),
      outcomes: meter.createCounter('tasks.outcomes', {
        description: 'Tasks that have ended',
        unit: '{task}',
      }),
    };
  }

  #started(task: Task): void {
    const { attempt, scheduledAt, startedAt = scheduledAt } = task;
    if (attempt > 1) return;
    const seconds = (startedAt - scheduledAt) / 1_000;
    this.#instruments?.wait.record(seconds, attributesOf(task));
  }
}

/**
 * The name of the declaration of a task. There are few of them, whereas the name of a task
 * may contain an id, which must not become a label of a metric.
 */
export function declaredName(task: Task): string | undefined {
  return task instanceof ScheduledTask ? task.declared?.name : undefined;
}

/** A job that is handed back to its engine has not ended: it runs again. */
function outcomeOf(type: TaskEvent['type'], task: Task): string {
  const isJob = task instanceof ScheduledTask && task.isResumed;
  return isJob && type === 'enqueued' ? 'retried' : type;
}

function attributesOf(task: Task, outcome?: string): Attributes {
  const name = declaredName(task);
  return {
    'task.phase': task.phase,
    ...(name !== undefined && { 'task.declared': name }),
    ...(outcome !== undefined && { 'task.outcome': outcome }),
  };
}
