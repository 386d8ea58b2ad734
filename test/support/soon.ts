/**
 * The upper bound on what takes no time worth mentioning. A machine with other work to do
 * needs a few seconds; whatever a test tells it apart from takes longer than this.
 */
export const SOON_MS = 10_000;
