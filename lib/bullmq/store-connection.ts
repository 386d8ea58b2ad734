import type { Clock } from '../core/base/clock.js';
import { AnswerWatch } from '../engine-kit/answer-watch.js';
import type { RedisClient } from './bullmq-connection.js';
import type { Outage } from './outage.js';
import type { RedisConnections } from './redis-connections.js';
import {
  describeError,
  isConnectionLoss,
  isMissingDatabase,
  isUnsent,
  NotSentError,
  withoutArguments,
} from './redis-error.js';

/** After that long without an answer, a new connection may have better luck. */
const PATIENCE_MS = 10_000;

/**
 * The connection on which jobs are stored. Nothing is sent late: once Redis has been
 * unreachable for `enqueueTimeout`, calls fail at once.
 */
export class StoreConnection {
  readonly client: RedisClient;
  readonly #outage: Outage;
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #answers: AnswerWatch;
  #isReachable = true;
  #isClosed = false;
  /** Rejects when Redis has been unreachable for too long. */
  #reachable: Promise<void> = Promise.resolve();
  /** Settles when Redis can be reached again, however long that takes. */
  #back: Promise<void> = Promise.resolve();
  #settleBack: (error?: Error) => void = () => {};
  #lastError: Error | undefined;
  #stopPatience: () => void = () => {};

  constructor(
    connections: RedisConnections,
    outage: Outage,
    clock: Clock,
    limitMs: number,
  ) {
    this.#outage = outage;
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#answers = new AnswerWatch(clock, limitMs);
    this.#lost();
    this.client = connections.open({
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
    });
    this.client.on('error', (error: Error) => (this.#lastError = error));
    this.client.on('close', () => this.#lost());
    this.client.on('ready', () => this.#found());
  }

  /**
   * Sends commands, as soon as Redis can be reached.
   *
   * @param inTime whether to reject when the answer is late, as for what has no effect then
   * @throws (rejects with) an error in the time for it when nothing was sent
   */
  async send<T>(
    act: () => Promise<T>,
    { inTime = false }: { inTime?: boolean } = {},
  ): Promise<T> {
    await this.#reachable;
    try {
      return await this.#answerTo(act(), inTime);
    } catch (error) {
      if (!isUnsent(error)) throw error;
      // The connection was lost, but its `close` event is still to come.
      this.#lost();
      await this.#reachable;
      try {
        return await this.#answerTo(act(), inTime);
      } catch (again) {
        throw isUnsent(again) ? this.#unreachable() : again;
      }
    }
  }

  /** Resolves at the next connection, or at once if there is one. */
  whenBack(): Promise<void> {
    return this.#back;
  }

  /**
   * Resolves at the first connection, or at the first failure to connect.
   *
   * @throws (rejects with) an error against which no waiting helps
   */
  async ready(): Promise<void> {
    const failed = new Promise((resolve) => this.client.once('error', resolve));
    await Promise.race([this.#reachable, failed]).catch(() => {});
    if (this.#lastError && isMissingDatabase(this.#lastError)) {
      throw withoutArguments(this.#lastError);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#settleBack(new NotSentError('the application is shutting down'));
    this.#answers.stop();
    this.#stopPatience();
    this.client.disconnect();
  }

  #answerTo<T>(work: Promise<T>, inTime: boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#answers.watch(work, () => {
        const error = new NotSentError(
          `Redis has not answered within ${this.#limitMs} ms`,
        );
        this.#unanswered(error);
        if (inTime) reject(error);
      });
      work.then(
        (value) => {
          this.#answered();
          resolve(value);
        },
        (error: Error) => {
          if (!isConnectionLoss(error)) this.#answered();
          reject(error);
        },
      );
    });
  }

  /** It may be frozen: its answer then says whether what was sent has been stored. */
  #unanswered(reason: Error): void {
    if (!this.#isReachable) return;
    this.#lost();
    this.#reachable = Promise.reject(reason);
    this.#reachable.catch(() => {});
    this.#outage.failed(this.client, reason);
    this.#stopPatience = this.#clock.after(PATIENCE_MS, () =>
      this.client.disconnect(true),
    );
  }

  #answered(): void {
    if (this.#isReachable || this.client.status !== 'ready') return;
    this.#found();
    this.#outage.recovered(this.client);
  }

  #found(): void {
    this.#stopPatience();
    this.#isReachable = true;
    this.#settleBack();
    this.#reachable = Promise.resolve();
  }

  #lost(): void {
    if (!this.#isReachable || this.#isClosed) return;
    this.#isReachable = false;
    const back = new Promise<void>((resolve, reject) => {
      this.#settleBack = (error) => (error ? reject(error) : resolve());
    });
    this.#back = back;
    this.#reachable = new Promise((resolve, reject) => {
      back.then(resolve, reject);
      this.#answers.watch(back, () => reject(this.#unreachable()));
    });
    this.#reachable.catch(() => {});
  }

  #unreachable(): Error {
    const cause = this.#lastError && withoutArguments(this.#lastError);
    return new NotSentError(
      `Redis cannot be reached: ${cause ? describeError(cause) : 'it does not respond'}`,
      { cause },
    );
  }
}
