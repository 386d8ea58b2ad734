import type { AppMessage, TaskMessage } from './app-message.js';

export interface AttemptRecord {
  readonly from: number;
  readonly to: number;
  readonly outcome: TaskMessage['event'];
}

export interface TaskRecord {
  readonly name: string;
  readonly scheduledAt: number;
  readonly attempts: readonly AttemptRecord[];
  readonly settledAt: number;
  readonly outcome: TaskMessage['event'];
}

/** What happened in the application's process in one scene; times count from its start. */
export class AppRecord {
  /** In the order in which they were scheduled. */
  readonly tasks: readonly TaskRecord[];
  readonly #messages: readonly AppMessage[];
  readonly #start: number;

  constructor(messages: readonly AppMessage[], start: number) {
    this.#messages = messages;
    this.#start = start;
    const ofTasks = messages.filter((message) => message.type === 'task');
    this.tasks = ofTasks
      .filter(({ event }) => event === 'scheduled')
      .map(({ id }) =>
        this.#taskRecord(ofTasks.filter((own) => own.id === id)),
      );
  }

  /** When it first happened, or else `undefined`. */
  at(type: 'fellBack' | 'databaseClosing'): number | undefined {
    for (const message of this.#messages) {
      if (message.type === type) return message.at - this.#start;
    }
    return undefined;
  }

  #taskRecord(messages: readonly TaskMessage[]): TaskRecord {
    const first = messages[0]!;
    const last = messages.at(-1)!;
    const attempts = messages.flatMap(({ event, at }, index) => {
      if (event !== 'started') return [];
      const end = messages[index + 1] ?? last;
      return {
        from: at - this.#start,
        to: end.at - this.#start,
        outcome: end.event,
      };
    });
    return {
      name: first.name,
      scheduledAt: first.at - this.#start,
      attempts,
      settledAt: last.at - this.#start,
      outcome: last.event,
    };
  }
}
