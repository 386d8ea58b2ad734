// A test may replace the global ones by fakes, which nobody advances while it waits.
const { setTimeout, clearTimeout, setImmediate } = globalThis;

/** How long a test is willing to wait. */
export class TimeLimit {
  readonly #over: Promise<true>;
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number) {
    let tell!: (isOver: true) => void;
    this.#over = new Promise((resolve) => (tell = resolve));
    this.#timer = setTimeout(() => tell(true), ms);
  }

  /** Whether the time is up before the work is done. */
  cuts(work: Promise<unknown>): Promise<boolean> {
    return Promise.race([work.then(() => false), this.#over]);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** A full turn of the event loop: all that could be received when it began has been. */
export function fullTurn(): Promise<void> {
  // The first may still belong to the turn that goes on.
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
