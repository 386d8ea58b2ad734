/** What a worker in a process of its own says of itself, a line each. */
export type WorkerReport =
  | { readonly is: 'up' | 'escaped'; readonly what?: string }
  | {
      readonly is: 'began' | 'ended';
      readonly what: string;
      readonly attempt: number;
      readonly key: string | null;
    }
  | { readonly is: 'event'; readonly what: string; readonly type: string }
  | { readonly is: 'log'; readonly what: string };
