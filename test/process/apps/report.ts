import { writeSync } from 'node:fs';
import type { TaskEvent, TaskPhase } from '../../../lib/index.js';

/** What a child tells its test, one JSON object a line. */
export type Report =
  | { readonly is: 'listening'; readonly url: string }
  | {
      readonly is: 'event';
      readonly event: TaskEvent['type'];
      readonly task: string;
      readonly id: string;
      readonly phase: TaskPhase;
      readonly shield: boolean;
      readonly attempt: number;
      /** The code or message of the error or reason. */
      readonly why?: string | undefined;
    }
  | {
      readonly is: 'log';
      readonly level: 'error' | 'warn';
      readonly context: string;
      readonly message: string;
    }
  /** A connection was closed by the teardown of its module. */
  | { readonly is: 'closed'; readonly connection: string }
  /** A step of a script was reached. */
  | { readonly is: 'step'; readonly by: string; readonly what: string }
  /** Something escaped to the process. */
  | {
      readonly is: 'escaped';
      readonly how: 'unhandledRejection' | 'uncaughtException' | 'warning';
      readonly what: string;
    }
  /** What the test asked for. */
  | { readonly is: 'answer'; readonly id: number; readonly data?: unknown };

/** Synchronous, so that nothing is lost however the process ends. */
export function report(line: Report): void {
  let rest: Uint8Array = Buffer.from(`${JSON.stringify(line)}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      // The pipe is full, as the test has not had the time to read.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(PAUSE, 0, 0, 1);
    }
  }
}

/** Nothing ever wakes what waits for it. */
const PAUSE = new Int32Array(new SharedArrayBuffer(4));

/** Reports whatever escapes to the process, and lets it live on. */
export function reportEscapes(): void {
  for (const how of ['unhandledRejection', 'uncaughtException'] as const) {
    process.on(how, (error: unknown) => {
      const what = error instanceof Error ? error.stack : undefined;
      report({ is: 'escaped', how, what: what ?? String(error) });
    });
  }
  process.on('warning', (warning) => {
    report({ is: 'escaped', how: 'warning', what: String(warning) });
  });
}
