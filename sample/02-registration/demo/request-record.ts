import type { AppMessage, Moment, TaskMessage } from './app-message.js';

export interface AttemptRecord {
  readonly from: number;
  /** `undefined` as long as it runs. */
  readonly to: number | undefined;
  readonly outcome: TaskMessage['event'];
}

export interface TaskRecord {
  readonly name: string;
  readonly scheduledAt: number;
  readonly attempts: readonly AttemptRecord[];
  readonly settledAt: number | undefined;
  readonly outcome: TaskMessage['event'];
  readonly why: string | undefined;
}

/** What followed from one request in the application's process; times count from the request. */
export class RequestRecord {
  readonly tasks: readonly TaskRecord[];
  readonly #messages: readonly AppMessage[];
  readonly #sentAt: number;

  constructor(messages: readonly AppMessage[], sentAt: number) {
    this.#messages = messages;
    this.#sentAt = sentAt;
    const ofTasks = messages.filter((message) => message.type === 'task');
    this.tasks = ofTasks
      .filter(({ event }) => event === 'scheduled')
      .map(({ id }) =>
        this.#taskRecord(ofTasks.filter((own) => own.id === id)),
      );
  }

  /** @returns `undefined` when it did not happen */
  at(moment: Moment): number | undefined {
    for (const message of this.#messages) {
      if (message.type === moment) return message.at - this.#sentAt;
    }
    return undefined;
  }

  /** @throws when there is no such task */
  task(name: string): TaskRecord {
    const found = this.tasks.find((task) => task.name.startsWith(name));
    if (!found) throw new Error(`The request scheduled no task "${name}".`);
    return found;
  }

  #taskRecord(messages: readonly TaskMessage[]): TaskRecord {
    const first = messages[0]!;
    const last = messages.at(-1)!;
    const attempts = messages.flatMap(({ event, at }, index) => {
      if (event !== 'started') return [];
      const end = messages[index + 1];
      return {
        from: at - this.#sentAt,
        to: end && end.at - this.#sentAt,
        outcome: end?.event ?? event,
      };
    });
    return {
      name: first.name,
      scheduledAt: first.at - this.#sentAt,
      attempts,
      settledAt: isFinal(last.event) ? last.at - this.#sentAt : undefined,
      outcome: last.event,
      why: last.why,
    };
  }
}

/** Whether no event of the task follows. */
export function isFinal(event: TaskMessage['event']): boolean {
  return !['scheduled', 'started', 'retrying'].includes(event);
}
