import type { WorkerSettings } from '../../engines/apps/worker-settings.js';

/** The engine of a process; travels as JSON. */
export type TracedSettings = WorkerSettings & {
  /** `false`: it stores jobs and runs none. */
  readonly worker?: false | undefined;
};

/** A span that has ended. */
export interface TracedSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly linkedTo: readonly string[];
  readonly attempt: unknown;
  readonly isDelivered: unknown;
}

/** What such a process writes: where it listens, and each span. */
export type TracedLine = { readonly url: string } | TracedSpan;
