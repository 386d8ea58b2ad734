import type { BenchOptions } from '../bench-options.js';
import type { CpuPlan } from '../processes/cpus.js';
import type { Verdict } from '../figures/comparison.js';

/** A figure that should keep a limit. */
export interface Target {
  readonly what: string;
  readonly limit: string;
  readonly measured: string;
  readonly verdict: Verdict;
}

/** The results of one part of the bench. */
export interface Section {
  readonly title: string;
  /** Paragraphs and tables, in Markdown. */
  readonly blocks: readonly string[];
  readonly targets: readonly Target[];
}

/** Measures something in fresh processes. */
export type Part = (
  options: BenchOptions,
  cpus: CpuPlan,
  report: (progress: string) => void,
) => Promise<Section>;
