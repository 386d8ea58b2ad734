import type { TaskEvent, TaskPhase } from 'nestjs-tasks';

/** Methods whose calls the process of the application reports. */
export type Watched = 'handler' | 'fallback';

/** What happens in the process of the application besides its tasks. */
export type Moment =
  | 'requestReceived'
  | 'responseEnded'
  | 'connectionLost'
  | 'databaseClosing'
  | `${Watched}Began`
  | `${Watched}Ended`;

export interface TaskMessage {
  readonly type: 'task';
  readonly at: number;
  readonly event: TaskEvent['type'];
  readonly id: string;
  readonly name: string;
  readonly phase: TaskPhase;
  /** Why an attempt failed, or why the task did not run. */
  readonly why?: string;
  /** Whether the client has received its response, where that is known. */
  readonly delivered?: boolean;
}

/** What the process of the application reports to the demo. */
export type AppMessage =
  | TaskMessage
  | { readonly type: Moment; readonly at: number }
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'done' };

/** What the demo requests of the application; each request is answered with `done`. */
export type AppRequest =
  | 'waitUntilIdle'
  /** Opens a transaction that blocks all others until `releaseDatabase`. */
  | 'holdDatabase'
  | 'releaseDatabase'
  | { readonly sql: string };

/** `file` is relative to the folder of the sample. */
export type Method = readonly [file: string, className: string, method: string];

/** The application of a sample, and its methods that are watched. */
export interface WatchedApp {
  readonly sample: string;
  readonly watch?: Partial<Record<Watched, readonly Method[]>>;
}

/** Milliseconds, comparable between the processes of one machine. */
export function wallClock(): number {
  return performance.timeOrigin + performance.now();
}
