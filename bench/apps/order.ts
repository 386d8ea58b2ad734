/** The response body of every route. */
export interface Order {
  readonly id: number;
  readonly status: string;
}

export function newOrder(): Order {
  return { id: 1, status: 'processing' };
}
