import type { EncodedThrown } from './encoded-error.js';

/** A call of a function, on its way to a thread. */
export interface ThreadCall {
  /** The module that exports the function. */
  readonly url: string;
  readonly isTypeScript: boolean;
  readonly exportName: string;
  readonly args: readonly unknown[];
  /** Those parts of the arguments that are no mere `Uint8Array`s. */
  readonly buffers: readonly Uint8Array[];
}

/** What became of a call, on its way back. */
export type ThreadAnswer =
  | {
      readonly kind: 'value';
      readonly value: unknown;
      readonly buffers: readonly Uint8Array[];
    }
  /** The function threw. */
  | { readonly kind: 'thrown'; readonly thrown: EncodedThrown }
  /** The function could not be called, or its result not be sent. */
  | {
      readonly kind: 'refused';
      readonly why: string;
      readonly cause?: EncodedThrown;
    };
