import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './faults.js';

/** A sequence of numbers from 0 to 1 that its seed determines. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Lets faults happen at random, one after the other, until it is stopped. */
export class Accidents {
  readonly #counts = new Map<string, number>();
  readonly #faults: readonly Fault[];
  readonly #random: () => number;
  #isOver = false;
  readonly #done: Promise<void>;

  constructor(faults: readonly Fault[], seed: number) {
    this.#faults = faults;
    this.#random = randomNumbers(seed);
    this.#done = this.#run();
    // Awaited by `stop()`.
    this.#done.catch(() => {});
  }

  /** Whether each of them has happened. */
  get hadAll(): boolean {
    return this.#counts.size === this.#faults.length;
  }

  /** Resolves when the last one is over. */
  stop(): Promise<void> {
    this.#isOver = true;
    return this.#done;
  }

  toString(): string {
    return [...this.#counts]
      .map(([name, count]) => `${name} ${count} ×`)
      .join(', ');
  }

  /** One of those that have happened least often. */
  #next(): Fault | undefined {
    const countOf = ({ name }: Fault) => this.#counts.get(name) ?? 0;
    const least = Math.min(...this.#faults.map(countOf));
    const spared = this.#faults.filter((fault) => countOf(fault) === least);
    return spared[Math.floor(this.#random() * spared.length)];
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      await pause(200 + 400 * this.#random());
      const fault = this.#next();
      if (!fault || this.#isOver) continue;
      await fault.happen(this.#random);
      this.#counts.set(fault.name, (this.#counts.get(fault.name) ?? 0) + 1);
    }
  }
}
