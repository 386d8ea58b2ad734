import {
  type LiveMessage,
  type Numbers,
  type ProcessRow,
  type ScopeRow,
  type SecondRow,
  type TaskRow,
  WINDOW_SECONDS,
} from '../../wire/live-message.js';

/** What the page knows of the process: that of its messages, put together. */
export class LiveState {
  process: ProcessRow | undefined;
  numbers: Numbers | undefined;
  waits: readonly number[] = [];
  runs: readonly number[] = [];
  behind = 0;
  readonly tasks = new Map<number, TaskRow>();
  readonly scopes = new Map<number, ScopeRow>();
  readonly #seconds = new Map<number, SecondRow>();
  #clockOffset = 0;

  /** The time by the clock of the server. */
  get now(): number {
    return Date.now() + this.#clockOffset;
  }

  apply(message: LiveMessage): void {
    if (message.process) this.#reset(message.process);
    this.#clockOffset = message.time - Date.now();
    this.numbers = message.numbers;
    this.waits = message.waits;
    this.runs = message.runs;
    this.behind = message.behind;
    for (const row of message.tasks) this.tasks.set(row.number, row);
    for (const row of message.scopes) this.scopes.set(row.number, row);
    for (const number of message.goneTasks) this.tasks.delete(number);
    for (const number of message.goneScopes) this.scopes.delete(number);
    for (const row of message.seconds) this.#seconds.set(row[0], row);
    const oldest = Math.floor(message.time / 1_000) - WINDOW_SECONDS;
    for (const second of this.#seconds.keys()) {
      if (second < oldest) this.#seconds.delete(second);
    }
  }

  /** The seconds of the window, one after another, up to the last that is over. */
  seconds(): SecondRow[] {
    const last = Math.floor(this.now / 1_000) - 1;
    return Array.from({ length: WINDOW_SECONDS }, (_, index) => {
      const second = last - WINDOW_SECONDS + 1 + index;
      return this.#seconds.get(second) ?? [second, 0, 0, 0, 0];
    });
  }

  tasksByScope(): Map<number | undefined, TaskRow[]> {
    const byScope = new Map<number | undefined, TaskRow[]>();
    for (const task of this.tasks.values()) {
      const others = byScope.get(task.scope);
      if (others) others.push(task);
      else byScope.set(task.scope, [task]);
    }
    return byScope;
  }

  #reset(process: ProcessRow): void {
    this.process = process;
    this.tasks.clear();
    this.scopes.clear();
    this.#seconds.clear();
  }
}
