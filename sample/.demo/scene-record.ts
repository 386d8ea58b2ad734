import type { TaskPhase } from 'nestjs-tasks';
import type { AppMessage, Moment, TaskMessage } from './app-message.js';

export interface AttemptRecord {
  readonly from: number;
  /** `undefined` while it runs. */
  readonly to: number | undefined;
  readonly outcome: TaskMessage['event'];
}

export interface TaskRecord {
  readonly name: string;
  readonly phase: TaskPhase;
  readonly scheduledAt: number;
  readonly startedAt: number | undefined;
  readonly attempts: readonly AttemptRecord[];
  readonly settledAt: number | undefined;
  readonly outcome: TaskMessage['event'];
  readonly why: string | undefined;
  readonly delivered: boolean | undefined;
}

/** What has happened in the application in one scene; times count from the start of the scene. */
export class SceneRecord {
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

  /** When it first happened; `undefined` if it has not. */
  at(moment: Moment): number | undefined {
    for (const message of this.#messages) {
      if (message.type === moment) return message.at - this.#start;
    }
    return undefined;
  }

  ofPhase(phase: TaskPhase): readonly TaskRecord[] {
    return this.tasks.filter((task) => task.phase === phase);
  }

  /** The first task whose name starts with `name`. */
  find(name: string): TaskRecord | undefined {
    return this.tasks.find((task) => task.name.startsWith(name));
  }

  /** @throws Error when {@link find} finds none */
  task(name: string): TaskRecord {
    const found = this.find(name);
    if (!found) throw new Error(`No task "${name}" was scheduled.`);
    return found;
  }

  #taskRecord(messages: readonly TaskMessage[]): TaskRecord {
    const first = messages[0]!;
    const last = messages.at(-1)!;
    const attempts = messages.flatMap(({ event, at }, index) => {
      if (event !== 'started') return [];
      const end = messages[index + 1];
      return {
        from: at - this.#start,
        to: end && end.at - this.#start,
        outcome: end?.event ?? event,
      };
    });
    const isSettled = !['scheduled', 'started', 'retrying'].includes(
      last.event,
    );
    return {
      name: first.name,
      phase: first.phase,
      scheduledAt: first.at - this.#start,
      startedAt: attempts[0]?.from,
      attempts,
      settledAt: isSettled ? last.at - this.#start : undefined,
      outcome: last.event,
      why: last.why,
      delivered: last.delivered,
    };
  }
}
