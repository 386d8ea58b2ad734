import type { Clock } from '../core/base/clock.js';
import { toError } from '../core/base/to-error.js';
import { DEFAULT_QUEUE } from '../core/running/durable-task.js';
import type { EngineHost } from '../durable/durable-engine.js';
import type { TaskSchedule } from '../durable/task-schedule.js';

/** How long a process that no longer says so counts as one that declares its tasks. */
export const LEASE_MS = 60_000;

/** How often a process must say that it still declares them. */
const RENEWAL_MS = 20_000;
const RETRY_MS = 1_000;

interface UpkeepParts {
  readonly clock: Clock;
  /** Whether this process declares any, so that it never ends. */
  readonly isDeclaring: boolean;
  /**
   * Makes the schedules in the store agree with those that are declared.
   *
   * @param mayRemove `false` after the store has been away for so long that processes
   * that live may have lost their leases: they are about to renew them
   * @returns how many are to be looked at again
   */
  agree(mayRemove: boolean): Promise<number>;
  /** Called when that has failed; it is tried again. */
  failed(error: Error): void;
}

/** The recurring tasks of an application that are in one queue. */
export function schedulesIn(
  queue: string,
  { schedules = [] }: Pick<EngineHost, 'schedules'>,
): readonly TaskSchedule[] {
  return schedules.filter(({ job }) => (job.queue ?? DEFAULT_QUEUE) === queue);
}

/** Keeps the schedules of a queue as they are declared, for as long as there is a reason to. */
export class ScheduleUpkeep {
  readonly #parts: UpkeepParts;
  #lookedAtMs: number | undefined;
  #stopTimer: () => void = () => {};
  #isStopped = false;
  #isAsked = false;
  #looking: Promise<void> | undefined;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
  }

  /** Looks now, and from then on again and again. Resolves when that has been tried. */
  async look(): Promise<void> {
    if (this.#isStopped) return;
    this.#stopTimer();
    this.#isAsked = true;
    await (this.#looking ??= this.#lookWhileAsked());
  }

  async #lookWhileAsked(): Promise<void> {
    // What has changed since a look began may be missing in it.
    while (this.#isAsked && !this.#isStopped) {
      this.#isAsked = false;
      await this.#look();
    }
    this.#looking = undefined;
  }

  async #look(): Promise<void> {
    this.#stopTimer();
    const { clock } = this.#parts;
    const sinceMs = clock.now() - (this.#lookedAtMs ?? clock.now());
    let left: number;
    let pauseMs = RENEWAL_MS;
    try {
      left = await this.#parts.agree(sinceMs < LEASE_MS);
      this.#lookedAtMs = clock.now();
    } catch (thrown) {
      this.#parts.failed(toError(thrown, 'a recurring task'));
      // How long it has been away is not known.
      this.#lookedAtMs ??= -Infinity;
      pauseMs = RETRY_MS;
      left = 1;
    }
    if (this.#isStopped || (left === 0 && !this.#parts.isDeclaring)) return;
    this.#stopTimer = clock.after(pauseMs, () => void this.look());
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopTimer();
  }
}
