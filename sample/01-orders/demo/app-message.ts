import type { TaskEvent, TaskPhase } from 'nestjs-tasks';

/** What happens in the application's process beside its tasks. */
export type Moment =
  | 'handlerBegan'
  | 'handlerReturned'
  | 'responseEnded'
  | 'connectionLost'
  | 'databaseClosing';

export interface MomentMessage {
  readonly type: Moment;
  readonly at: number;
}

export interface TaskMessage {
  readonly type: 'task';
  readonly at: number;
  readonly event: TaskEvent['type'];
  readonly id: string;
  readonly name: string;
  readonly phase: TaskPhase;
  /** Why it failed, or did not run. */
  readonly why?: string;
  readonly delivered?: boolean;
}

/** What the application's process tells the demo. */
export type AppMessage =
  | MomentMessage
  | TaskMessage
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'idle' | 'databaseHeld' };

/** What the demo asks of the application's process. */
export type AppRequest = 'tellWhenIdle' | 'holdDatabase' | 'releaseDatabase';
