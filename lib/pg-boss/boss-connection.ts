import { systemClock } from '../core/base/clock.js';
import { messageOf } from '../core/base/to-error.js';
import { bootError } from './boot-error.js';
import { openBoss, type OpenBoss } from './open-boss.js';
import type { Outage } from './outage.js';
import type { PgBossSettings } from './pg-boss-settings.js';
import type { QueueCreation } from './queue-creation.js';
import { storeError } from './store-error.js';

const LONGEST_PAUSE_MS = 2_000;

/** pg-boss in one life of the engine, started again until its database is available. */
export class BossConnection {
  readonly #settings: PgBossSettings;
  readonly #outage: Outage;
  readonly #creation: QueueCreation;
  #open: OpenBoss | undefined;
  /** The attempt that is pending or has succeeded. */
  #attempt: Promise<OpenBoss> | undefined;
  #whenReady: (() => void)[] = [];
  #whenFailed: ((error: Error) => void)[] = [];
  #stopPause: (() => void) | undefined;
  #hasLimits = true;
  #isReady = false;
  #isClosed = false;

  constructor(
    settings: PgBossSettings,
    outage: Outage,
    creation: QueueCreation,
  ) {
    this.#settings = settings;
    this.#outage = outage;
    this.#creation = creation;
  }

  /** Resolves once the tables and the default queue exist; rejects when the current attempt fails. */
  ready(): Promise<OpenBoss> {
    return (this.#attempt ??= this.#begin());
  }

  /** What `ready()` resolves with, once it has. */
  get current(): OpenBoss | undefined {
    return this.#isReady ? this.#open : undefined;
  }

  /** Resolves after as many attempts as it takes; never, if it is closed before. */
  async whenReady(): Promise<OpenBoss> {
    if (!this.#isReady) {
      this.ready().catch(() => {});
      await new Promise<void>((resolve) => this.#whenReady.push(resolve));
    }
    return this.ready();
  }

  /** Rejects when an attempt fails because of something that does not get better by waiting. */
  failure(): Promise<never> {
    return new Promise((_resolve, reject) => this.#whenFailed.push(reject));
  }

  /** Nobody waits for a failure any more: from now on each is an outage. */
  forgiveFailures(): void {
    this.#whenFailed = [];
  }

  /** Closes what it has opened. Never rejects, but has no time limit. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopPause?.();
    await this.#attempt?.catch(() => {});
    if (this.#open) await closeAll(this.#open);
  }

  async #begin(pauseMs = 100): Promise<OpenBoss> {
    try {
      const open = await this.#connect();
      this.#isReady = true;
      this.#outage.end();
      for (const resolve of this.#whenReady.splice(0)) resolve();
      return open;
    } catch (thrown) {
      const lasting = bootError(thrown, this.#settings.schema);
      const error = lasting ?? storeError(thrown);
      const told = lasting ? this.#whenFailed.splice(0) : [];
      for (const reject of told) reject(error);
      if (!this.#isClosed && told.length === 0) {
        this.#outage.begin(error);
        this.#stopPause = systemClock.after(pauseMs, () => {
          this.#attempt = this.#begin(Math.min(pauseMs * 2, LONGEST_PAUSE_MS));
          this.#attempt.catch(() => {});
        });
      }
      throw error;
    }
  }

  async #connect(): Promise<OpenBoss> {
    const open = (this.#open ??= await this.#create());
    const { boss, upkeep } = open;
    await upkeep.start();
    await this.#creation.ensure(open, this.#settings.queue);
    try {
      await boss.start();
    } catch (error) {
      // A pooler such as PgBouncer refuses them; then there are none.
      if (!this.#hasLimits || !/startup parameter/.test(messageOf(error))) {
        throw error;
      }
      this.#hasLimits = false;
      await closeAll(open);
      this.#open = undefined;
      return this.#connect();
    }
    return open;
  }

  async #create(): Promise<OpenBoss> {
    const open = await openBoss(this.#settings, this.#hasLimits);
    for (const boss of new Set([open.boss, open.upkeep])) {
      // An `error` event without a listener would end the process.
      boss.on('error', (error) => this.#outage.mention(storeError(error)));
    }
    return open;
  }
}

async function closeAll({ boss, upkeep, close }: OpenBoss): Promise<void> {
  await Promise.allSettled([
    boss.stop({ graceful: false }),
    upkeep.stop({ graceful: false }),
    close(),
  ]);
}
