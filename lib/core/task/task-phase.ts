/**
 * When a task starts: at once, when the handler is done, or when the response has
 * ended.
 *
 * @publicApi
 */
export type TaskPhase = 'immediate' | 'afterRoute' | 'afterResponse';

/**
 * Which outcome of the route lets an after-route or after-response task run.
 *
 * @publicApi
 */
export type RunOn = 'success' | 'failure' | 'always';

/** The outcome of a route, as far as `runOn` is concerned. */
export type RouteVerdict = Exclude<RunOn, 'always'>;

/**
 * The response that an after-response task followed.
 *
 * @publicApi
 */
export interface TaskResponse {
  /** The status that was sent. */
  readonly statusCode: number;
  /** Whether it was sent completely: `false` when the connection closed early. */
  readonly delivered: boolean;
}
