/** Lets many wait for one thing, of which nobody else need know. */
export class Changes {
  #waiting: (() => void)[] = [];

  get areAwaited(): boolean {
    return this.#waiting.length > 0;
  }

  /** Resolves at the next announcement. */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  announce(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
