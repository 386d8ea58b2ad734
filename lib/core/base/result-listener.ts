/** Stops a result that is no longer awaited. */
export type StopListening = () => unknown;

/** Receives what a result settles to. */
export interface ResultListener {
  /** Whether the result is no longer awaited. */
  readonly isOver: boolean;
  /** Set while there is something to stop. */
  stopListening?: StopListening | undefined;
  onValue(value: unknown): void;
  onError(error: unknown): void;
}
