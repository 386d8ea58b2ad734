/** One run of a piece of work, as the service that did it saw it. */
export interface Run {
  /** What was done, whatever its key. */
  readonly work: string;
  readonly key: string | undefined;
  readonly attempt: number;
}

/** How the further runs of what ran more than once can be recognised. */
export class Doubles {
  readonly works: number;
  /** Each run has an `attempt` of its own, and the key of the first. */
  readonly byAttempt: readonly string[];
  /** Two runs have the same `attempt`, as when a task also ran here by `fallback`. */
  readonly byKeyAlone: readonly string[];
  /** Runs without a key, with different ones, or with the key of other work. */
  readonly unrecognised: readonly string[];

  constructor(runs: readonly Run[]) {
    const runsOf = new Map<string, Run[]>();
    const workOf = new Map<string | undefined, string>();
    for (const run of runs) {
      runsOf.set(run.work, [...(runsOf.get(run.work) ?? []), run]);
      workOf.set(run.key, workOf.get(run.key) ?? run.work);
    }
    const hasItsKey = (own: readonly Run[]) =>
      own.every(
        ({ work, key }) =>
          key !== undefined && key === own[0]?.key && workOf.get(key) === work,
      );
    const hasItsAttempts = (own: readonly Run[]) =>
      new Set(own.map(({ attempt }) => attempt)).size === own.length;
    const where = (test: (own: readonly Run[]) => boolean) =>
      [...runsOf].filter(([, own]) => test(own)).map(([work]) => work);
    const isDouble = (own: readonly Run[]) => own.length > 1 && hasItsKey(own);

    this.works = runsOf.size;
    this.unrecognised = where((own) => !hasItsKey(own));
    this.byAttempt = where((own) => isDouble(own) && hasItsAttempts(own));
    this.byKeyAlone = where((own) => isDouble(own) && !hasItsAttempts(own));
  }

  /** How much ran more than once. */
  get count(): number {
    return this.byAttempt.length + this.byKeyAlone.length;
  }

  toString(): string {
    return `${this.works}, of which ${this.count} ran more than once: ${this.byAttempt.length} recognised by attempt and key, ${this.byKeyAlone.length} by key alone`;
  }
}
