import type { TaskPhase } from 'nestjs-tasks';
import type { AppMessage, Moment, TaskMessage } from './app-message.js';

export interface TaskRecord {
  readonly name: string;
  readonly phase: TaskPhase;
  readonly scheduledAt: number;
  readonly startedAt: number | undefined;
  readonly settledAt: number | undefined;
  readonly outcome: TaskMessage['event'];
  readonly why: string | undefined;
  readonly delivered: boolean | undefined;
}

/** What happened to one order in the application's process; times count from the request. */
export class OrderRecord {
  readonly tasks: readonly TaskRecord[];
  readonly #messages: readonly AppMessage[];
  readonly #sentAt: number;

  constructor(messages: readonly AppMessage[], sentAt: number) {
    this.#messages = messages;
    this.#sentAt = sentAt;
    const ofTasks = messages.filter((message) => message.type === 'task');
    this.tasks = ofTasks
      .filter(({ event }) => event === 'scheduled')
      .map((task) => this.#taskRecord(ofTasks, task));
  }

  /** @returns `undefined` when it did not happen */
  at(moment: Moment): number | undefined {
    for (const message of this.#messages) {
      if (message.type === moment) return message.at - this.#sentAt;
    }
    return undefined;
  }

  ofPhase(phase: TaskPhase): readonly TaskRecord[] {
    return this.tasks.filter((task) => task.phase === phase);
  }

  #taskRecord(all: readonly TaskMessage[], task: TaskMessage): TaskRecord {
    const own = all.filter(({ id }) => id === task.id);
    const last = own.at(-1) ?? task;
    const started = own.find(({ event }) => event === 'started');
    const isSettled = last.event !== 'scheduled' && last.event !== 'started';
    return {
      name: task.name,
      phase: task.phase,
      scheduledAt: task.at - this.#sentAt,
      startedAt: started && started.at - this.#sentAt,
      settledAt: isSettled ? last.at - this.#sentAt : undefined,
      outcome: last.event,
      why: last.why,
      delivered: last.delivered,
    };
  }
}
