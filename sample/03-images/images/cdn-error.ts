/** The CDN did not do what it was asked to. */
export class CdnError extends Error {
  override readonly name = 'CdnError';
  /** What it answered; `undefined` when it did not answer. */
  readonly status: number | undefined;

  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }

  /** Whether it may do it when it is asked again. */
  get isTemporary(): boolean {
    return (
      this.status === undefined || this.status === 429 || this.status >= 500
    );
  }
}
