import type { IncomingMessage, ServerResponse } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import type { RunOn, Task, TaskResponse, Tasks } from 'nestjs-tasks';
import { isObservable, tap } from 'rxjs';
import { deferred } from '../../support/deferred.js';
import { turn } from '../../support/manual-clock.js';

const PHASES = ['afterRoute', 'afterResponse'] as const;
const RUN_ON: readonly RunOn[] = ['success', 'failure', 'always'];

/** The end of a task of each kind (`success`, `failure`, `always`) in one phase. */
export type Verdict = 'success' | 'failure';

const VERDICTS: Readonly<Record<string, Verdict>> = {
  '1 succeeded, 0 skipped, 1 succeeded': 'success',
  '0 skipped, 1 succeeded, 1 succeeded': 'failure',
};

/** The tasks that were scheduled together, by one call of a handler. */
export interface JudgedCall {
  readonly afterRoute: string;
  readonly afterResponse: string;
  /** The response that the after-response tasks saw, when all saw the same. */
  readonly response: TaskResponse | undefined | 'not the same for all';
}

/** One request to one application: the events there, in order. */
export class Stage {
  readonly events: string[] = [];
  /** The handler, or whatever else is under test, has been reached. */
  readonly entered = deferred();
  /** It may continue. */
  readonly proceed = deferred();
  /** The result of the handler is complete. */
  readonly handled = deferred();
  /** The response has ended, in one way or another. */
  readonly over = deferred();
  readonly #calls: Task[][] = [];
  readonly #runs = new Map<string, number>();
  #response: ServerResponse | undefined;
  #isOver = false;

  /** Records the end of an application's responses, before anything else can react to it. */
  watch(app: INestApplication): void {
    const server = app.getHttpServer() as NodeJS.EventEmitter;
    server.prependListener(
      'request',
      (request: IncomingMessage, response: ServerResponse) => {
        this.#response = response;
        const end = (how: string) => () => {
          // Node emits the end of a response even when the connection is broken.
          const isSent = how === 'sent' && !request.socket?.errored;
          if (!this.#isOver) this.note(isSent ? 'sent' : 'lost');
          this.#isOver = true;
          this.over.resolve();
        };
        response.on('finish', end('sent'));
        response.on('close', end('lost'));
      },
    );
  }

  note(event: string): void {
    this.events.push(event);
  }

  /** Enters, and waits until the client lets it continue. */
  async wait(): Promise<void> {
    this.entered.resolve();
    await this.proceed.promise;
  }

  /** Schedules a task of each kind in both phases. */
  schedule(tasks: Tasks): void {
    const call = this.#calls.length;
    let unsettled = 0;
    const work = {
      afterRoute: async () => {
        if (unsettled++ === 0) this.note('after route');
        await turn();
        // Only relevant while the response may still wait for it.
        unsettled -= 1;
        const isAwaited = !this.#isOver && !this.#response?.headersSent;
        if (unsettled === 0 && isAwaited) this.note('drained');
      },
      afterResponse: () => {
        if (this.events.at(-1) !== 'after response')
          this.note('after response');
      },
    };
    this.#calls.push(
      PHASES.flatMap((phase) =>
        RUN_ON.map((runOn) => {
          const name = `${call} ${phase} ${runOn}`;
          return tasks[phase].task({ runOn, name }).schedule(() => {
            this.#runs.set(name, this.#runsOf(name) + 1);
            return work[phase]();
          });
        }),
      ),
    );
  }

  /** The result of a handler, with a note of its end. */
  noteEnd(handler: () => unknown): unknown {
    const end = () => {
      this.note('handler');
      this.handled.resolve();
    };
    const watch = (result: unknown): unknown => {
      if (isObservable(result)) {
        return result.pipe(
          tap({ complete: end, error: end, unsubscribe: end }),
        );
      }
      end();
      return result;
    };
    const fail = (error: unknown) => {
      end();
      throw error;
    };
    try {
      const result = handler();
      return result instanceof Promise
        ? result.then(watch, fail)
        : watch(result);
    } catch (error) {
      return fail(error);
    }
  }

  /** How the tasks of each call were judged. */
  judged(): JudgedCall[] {
    return this.#calls.map((tasks) => {
      const responses = tasks.slice(RUN_ON.length).map((task) => task.response);
      const [response] = responses;
      const same = responses.every(
        (other) =>
          other?.statusCode === response?.statusCode &&
          other?.delivered === response?.delivered,
      );
      return {
        afterRoute: this.#verdict(tasks.slice(0, RUN_ON.length)),
        afterResponse: this.#verdict(tasks.slice(RUN_ON.length)),
        response: same ? response : 'not the same for all',
      };
    });
  }

  #verdict(tasks: readonly Task[]): string {
    const shown = tasks
      .map(({ name, status }) => `${this.#runsOf(name)} ${status}`)
      .join(', ');
    return VERDICTS[shown] ?? shown;
  }

  #runsOf(name: string): number {
    return this.#runs.get(name) ?? 0;
  }
}
