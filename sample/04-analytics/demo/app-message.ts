import type { TaskEvent } from 'nestjs-tasks';

export interface TaskMessage {
  readonly type: 'task';
  readonly at: number;
  readonly event: TaskEvent['type'];
  readonly id: string;
  readonly name: string;
}

/** What the application's process tells the demo. */
export type AppMessage =
  | TaskMessage
  | { readonly type: 'listening'; readonly port: number }
  /** The error handler of a batch is done. */
  | { readonly type: 'fellBack'; readonly at: number }
  | { readonly type: 'databaseClosing'; readonly at: number }
  | { readonly type: 'done' };

/** What the demo asks of the application's process; the answer is `done`. */
export type AppRequest = 'waitUntilIdle' | 'breakDatabase' | 'mendDatabase';
