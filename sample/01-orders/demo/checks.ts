/** Collects what the demo claims, and what of it does not hold. */
export class Checks {
  readonly #failed: string[] = [];
  #about = '';

  /** What the next claims are about. */
  begin(about: string): void {
    this.#about = about;
  }

  /** Notes a claim and gives the line that shows it. */
  claim(what: string, holds: boolean): string {
    if (!holds) this.#failed.push(`${this.#about}: ${what}`);
    return `  ${holds ? '✓' : '✗'} ${what}`;
  }

  /** @throws when a claim did not hold */
  conclude(): void {
    if (this.#failed.length === 0) return;
    throw new Error(
      `Out of order:${this.#failed.map((what) => `\n  ✗ ${what}`).join('')}`,
    );
  }
}

/** Whether the times are known and come in this order. */
export function inOrder(...times: readonly (number | undefined)[]): boolean {
  return times.every((time, index) => {
    if (time === undefined) return false;
    const before = times[index - 1];
    return before === undefined || before <= time;
  });
}
