import type { EncodedThrown } from './encoded-thrown.js';

/** A call, as the main thread sends it. */
export interface ThreadCall {
  /** The `file:` URL of the module that exports the function. */
  readonly url: string;
  readonly exportName: string;
  readonly args: readonly unknown[];
  /** The `Buffer`s within `args`: see `restoreBuffers()`. */
  readonly buffers: readonly Uint8Array[];
}

/** The outcome of a call, as the thread sends it. */
export type ThreadAnswer =
  | {
      readonly kind: 'value';
      readonly value: unknown;
      /** The `Buffer`s within `value`. */
      readonly buffers: readonly Uint8Array[];
    }
  /** The function threw. */
  | { readonly kind: 'thrown'; readonly thrown: EncodedThrown }
  /** The function could not be called, or its result could not be copied. */
  | {
      readonly kind: 'refused';
      readonly why: string;
      readonly cause?: EncodedThrown;
    }
  /** The module is TypeScript, and nothing on the thread can load that. */
  | {
      readonly kind: 'uncompiled';
      readonly path: string;
      readonly cause: unknown;
    };
