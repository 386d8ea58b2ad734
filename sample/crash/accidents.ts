import { setTimeout as pause } from 'node:timers/promises';

/** Something that can be killed, and started again. */
export interface Victim {
  readonly name: string;
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** A sequence of numbers from 0 to 1 that follows from its seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Kills one of them after the other, at random, until it is told to stop. */
export class Accidents {
  readonly counts = new Map<string, number>();
  readonly #victims: readonly Victim[];
  readonly #random: () => number;
  #isOver = false;
  readonly #done: Promise<void>;

  constructor(victims: readonly Victim[], seed: number) {
    this.#victims = victims;
    this.#random = randomNumbers(seed);
    this.#done = this.#run();
  }

  /** Resolves when everything runs again. */
  stop(): Promise<void> {
    this.#isOver = true;
    return this.#done;
  }

  /** One of those that were killed least often. */
  #next(): Victim | undefined {
    const countOf = ({ name }: Victim) => this.counts.get(name) ?? 0;
    const least = Math.min(...this.#victims.map(countOf));
    const spared = this.#victims.filter((victim) => countOf(victim) === least);
    return spared[Math.floor(this.#random() * spared.length)];
  }

  toString(): string {
    return [...this.counts]
      .map(([name, count]) => `${name} ${count} times`)
      .join(', ');
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      await pause(200 + 400 * this.#random());
      const victim = this.#next();
      if (!victim || this.#isOver) continue;
      await victim.kill();
      this.counts.set(victim.name, (this.counts.get(victim.name) ?? 0) + 1);
      await pause(750 * this.#random());
      await victim.start();
    }
  }
}
