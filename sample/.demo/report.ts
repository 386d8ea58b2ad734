import { renderTimeline, type TimelineRow } from './timeline.js';

/** A sentence that is printed, and whether it is true. */
export type Claim = readonly [what: string, holds: boolean];

/** What is shown of a scene. */
export interface Picture {
  readonly title: string;
  readonly rows: readonly TimelineRow[];
  /** Times that matter to all rows, each drawn as a vertical line. */
  readonly lines: readonly number[];
  readonly notes?: readonly (string | undefined)[];
  readonly claims: readonly Claim[];
}

/** Prints what a demo shows, and remembers the claims that do not hold. */
export class Report {
  readonly #failed: string[] = [];

  print(...lines: readonly string[]): void {
    console.log(lines.join('\n'));
  }

  show({ title, rows, lines, notes = [], claims }: Picture): void {
    this.print(
      renderTimeline({ title, rows, lines }),
      '',
      ...notes.map((note) => `  ! ${note}`),
    );
    this.claim(title, claims);
  }

  /** Prints the claims and a blank line; `about` precedes those that do not hold in the error. */
  claim(about: string, claims: readonly Claim[]): void {
    for (const [what, holds] of claims) {
      if (!holds) this.#failed.push(`${about}: ${what}`);
      this.print(`  ${holds ? '✓' : '✗'} ${what}`);
    }
    this.print('');
  }

  /** @throws Error when a claim does not hold */
  conclude(): void {
    if (this.#failed.length > 0) {
      const failed = this.#failed.map((what) => `\n  ✗ ${what}`).join('');
      throw new Error(`Out of order:${failed}`);
    }
    this.print('All of it is in order.');
  }
}

/** What the scenes of a sample export. */
export interface Demo {
  /** What this machine lacks, if anything; `npm run demo -- all` then skips the demo. */
  missing?(): string | undefined;
  /** Whether it runs until it is stopped. */
  readonly isEndless?: boolean;
  /**
   * Plays the scenes.
   *
   * @param folder is empty at first, and removed when the process ends
   */
  play(report: Report, folder: string): Promise<void>;
}

/** Whether all times are known and ascending. */
export function inOrder(...times: readonly (number | undefined)[]): boolean {
  return times.every((time, index) => {
    if (time === undefined) return false;
    const before = times[index - 1];
    return before === undefined || before <= time;
  });
}
