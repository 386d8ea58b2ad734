import type { TaskEvent } from 'nestjs-tasks';

/** What happens in the application's process beside its tasks. */
export type Moment =
  'handlerBegan' | 'handlerReturned' | 'responseEnded' | 'databaseClosing';

export interface TaskMessage {
  readonly type: 'task';
  readonly at: number;
  readonly event: TaskEvent['type'];
  readonly id: string;
  readonly name: string;
  readonly attempt: number;
  /** Why an attempt failed, or none followed. */
  readonly why?: string;
}

/** What the application's process tells the demo. */
export type AppMessage =
  | TaskMessage
  | { readonly type: Moment; readonly at: number }
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'idle' };
