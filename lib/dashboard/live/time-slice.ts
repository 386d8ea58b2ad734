/** For how long the work of the dashboard may keep the event loop at a time. */
const SLICE_MS = 1;
/** A reading of the clock costs about a tenth of what a row does. */
const STEPS_PER_READING = 16;

/** A share of the time, for work that can be continued in a later turn of the event loop. */
export class TimeSlice {
  readonly #endsAtMs = performance.now() + SLICE_MS;
  #steps = 0;
  #isOver = false;

  /** Whether the next step is for another slice. The first few never are. */
  isOver(): boolean {
    if (this.#isOver) return true;
    this.#steps += 1;
    if (this.#steps % STEPS_PER_READING === 0) {
      this.#isOver = performance.now() > this.#endsAtMs;
    }
    return this.#isOver;
  }
}
