/** What `Atomics` has of ES2024. */
interface AtomicsWithAsync {
  waitAsync(
    cells: Int32Array,
    index: number,
    value: number,
  ): { async: false } | { async: true; value: Promise<unknown> };
}

const STARTED = 0;
const RELEASED = 1;

/**
 * Seen by two threads at once: one of them computes until the other releases it, so that
 * a test knows that it computes and not just how long it took.
 */
export class Latch {
  readonly shared: SharedArrayBuffer;
  readonly #cells: Int32Array;

  constructor(shared = new SharedArrayBuffer(8)) {
    this.shared = shared;
    this.#cells = new Int32Array(shared);
  }

  get isComputing(): boolean {
    return this.#at(STARTED) > 0 && this.#at(RELEASED) === 0;
  }

  get hasStarted(): boolean {
    return this.#at(STARTED) > 0;
  }

  /** Resolves when the other thread computes. */
  async started(): Promise<void> {
    const atomics = Atomics as unknown as AtomicsWithAsync;
    const waiting = atomics.waitAsync(this.#cells, STARTED, 0);
    if (waiting.async) await waiting.value;
  }

  release(): void {
    Atomics.store(this.#cells, RELEASED, 1);
  }

  /** Computes, without a pause in which anything else could happen in this thread. */
  computeUntilReleased(): number {
    Atomics.add(this.#cells, STARTED, 1);
    Atomics.notify(this.#cells, STARTED);
    let rounds = 0;
    while (this.#at(RELEASED) === 0) rounds += 1;
    return rounds;
  }

  #at(index: number): number {
    return Atomics.load(this.#cells, index);
  }
}
