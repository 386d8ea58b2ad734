import type { ScheduledTask } from './scheduled-task.js';

/** How the route ended, as far as `runOn` cares. */
export type RouteVerdict = 'success' | 'failure';

/**
 * First in, first out, held until the phase is released; from then on tasks pass
 * through, never inside the call that scheduled them.
 *
 * A task waits as a reaction to the promise that is the gate. That gives each one
 * the async context of its `schedule()`, at the price of a promise. The reactions
 * run in the order of the tasks, so each takes the first of the line.
 */
export class PhaseQueue {
  readonly #start: (task: ScheduledTask, verdict: RouteVerdict) => void;
  readonly #startNext: () => void;
  #line: (ScheduledTask | undefined)[] = [];
  #head = 0;
  /** The place of the first task of the line, among all that were ever pushed. */
  #offset = 0;
  #gate!: Promise<void>;
  #openGate!: () => void;
  #verdict: RouteVerdict | undefined;

  constructor(start: (task: ScheduledTask, verdict: RouteVerdict) => void) {
    this.#start = start;
    this.#startNext = () => this.#shift();
    this.#closeGate();
  }

  push(task: ScheduledTask): void {
    task.queuePosition = this.#offset + this.#line.length;
    this.#line.push(task);
    void this.#gate.then(this.#startNext);
  }

  /**
   * Forgets a task that has settled. Its place stays: each place has a reaction, with
   * the async context of its own task.
   */
  forget(task: ScheduledTask): void {
    const index = task.queuePosition - this.#offset;
    if (this.#line[index] === task) this.#line[index] = undefined;
  }

  /** Lets the tasks go, those that wait and those that come. */
  release(verdict: RouteVerdict): void {
    this.#verdict = verdict;
    this.#openGate();
  }

  /** Holds the tasks that come, until the next release. */
  hold(): void {
    if (this.#verdict) this.#closeGate();
  }

  #closeGate(): void {
    this.#gate = new Promise((resolve) => (this.#openGate = resolve));
  }

  #shift(): void {
    const task = this.#line[this.#head++];
    if (this.#head === this.#line.length) {
      this.#offset += this.#line.length;
      this.#line = [];
      this.#head = 0;
    }
    if (task && !task.isSettled) {
      this.#start(task, this.#verdict ?? 'success');
    }
  }
}
