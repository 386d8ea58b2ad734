import { systemClock } from '../core/base/clock.js';
import type { EngineHost } from '../durable/durable-engine.js';
import type { TaskSchedule } from '../durable/task-schedule.js';
import { ScheduleUpkeep } from '../engine-kit/schedule-upkeep.js';
import type { Declarers } from './declarers.js';
import type { LiveOccurrence, OccurrenceChain } from './occurrence-chain.js';
import { declarationOf, scheduleKeyOf } from './occurrence-row.js';
import type { Outage } from './outage.js';
import type { PgBossSettings } from './pg-boss-settings.js';
import { storeError } from './store-error.js';

interface SchedulesParts {
  readonly chain: OccurrenceChain;
  readonly declarers: Declarers;
  /** Those of this process that are in the queue. */
  readonly declared: readonly TaskSchedule[];
  readonly settings: PgBossSettings;
  readonly outage: Outage;
  readonly host: EngineHost;
}

/**
 * Makes the occurrences that wait in a queue agree with the recurring tasks of the
 * application. Everything is stored under the same id by every process, so that any
 * number of them may do it at once.
 */
export class Schedules {
  readonly #parts: SchedulesParts;
  readonly #upkeep: ScheduleUpkeep;

  constructor(parts: SchedulesParts) {
    this.#parts = parts;
    const { declared, declarers, outage } = parts;
    this.#upkeep = new ScheduleUpkeep({
      clock: systemClock,
      isDeclaring: declared.length > 0,
      agree: async (mayRemove) => {
        await declarers.renew(declared.map(({ task }) => scheduleKeyOf(task)));
        return this.#agree(mayRemove);
      },
      failed: (error) => outage.mention(storeError(error)),
    });
  }

  /** Looks now, and from then on again and again. Resolves when that has been tried. */
  async look(): Promise<void> {
    await this.#upkeep.look();
  }

  pause(): void {
    this.#upkeep.stop();
  }

  /** Other processes need not wait until this one has been away for long. */
  async release(): Promise<void> {
    await this.#parts.declarers.release();
  }

  /** @returns how many are to be looked at again */
  async #agree(mayRemove: boolean): Promise<number> {
    const { chain, declared, host } = this.#parts;
    const live = await chain.live();
    const added: string[] = [];
    const changed: string[] = [];
    for (const schedule of declared) {
      if (this.#upkeep.isStopped) return 0;
      const { task } = schedule;
      const own = live.filter((each) => each.schedule.task === task);
      if (await this.#change(schedule, own)) changed.push(task);
      else if (await this.#add(schedule, own)) added.push(task);
    }
    const { removed, left } = await this.#removeStrangers(live, mayRemove);
    if (added.length + changed.length + removed.length > 0) {
      host.schedulesChanged?.({ added, changed, removed });
    }
    return left;
  }

  /** Replaces what waits and is declared otherwise now; `false` when this process has not. */
  async #change(
    schedule: TaskSchedule,
    own: readonly LiveOccurrence[],
  ): Promise<boolean> {
    const { chain } = this.#parts;
    const stale = own.filter((each) => this.#isStale(schedule, each));
    const [first] = stale.toSorted((one, two) => one.dueMs - two.dueMs);
    if (!first || (await chain.remove(stale)) === 0) return false;
    // One that is overdue still counts, if it is among the new dates.
    const afterMs = Math.min(Date.now(), first.dueMs - 1);
    const isThere = own.some(
      (each) => !each.hasBegun && !this.#isStale(schedule, each),
    );
    if (!isThere) await chain.add(schedule, afterMs, first.lastMs);
    return true;
  }

  /** Stores the next occurrence where none waits; `true` when the schedule is new. */
  async #add(
    schedule: TaskSchedule,
    own: readonly LiveOccurrence[],
  ): Promise<boolean> {
    const { chain } = this.#parts;
    if (own.some((each) => !each.hasBegun)) return false;
    let fromMs = Date.now();
    for (;;) {
      const lastMs = own[0]?.dueMs;
      const { dueMs, isNew } = await chain.add(schedule, fromMs, lastMs);
      if (isNew || dueMs === undefined) return isNew && own.length === 0;
      const live = await chain.live();
      const isThere = live.some(
        (each) => each.schedule.task === schedule.task && !each.hasBegun,
      );
      if (isThere) return false;
      // That one has been cancelled, or has run: the clocks differ.
      fromMs = dueMs;
    }
  }

  /** Ends the schedules of this application that no living process declares. */
  async #removeStrangers(
    live: readonly LiveOccurrence[],
    mayRemove: boolean,
  ): Promise<{ removed: string[]; left: number }> {
    const { chain, declarers, declared, settings } = this.#parts;
    const known = new Set(declared.map(({ task }) => task));
    const strangers = live.filter(
      ({ schedule, hasBegun, application }) =>
        !hasBegun &&
        !known.has(schedule.task) &&
        application === settings.application,
    );
    if (strangers.length === 0 || !settings.worker) {
      return { removed: [], left: 0 };
    }
    const others = await declarers.ofOthers();
    const removed: string[] = [];
    let left = 0;
    for (const task of new Set(
      strangers.map(({ schedule }) => schedule.task),
    )) {
      const own = strangers.filter(({ schedule }) => schedule.task === task);
      if (!mayRemove || others.has(scheduleKeyOf(task))) left += 1;
      else if ((await chain.remove(own)) > 0) removed.push(task);
    }
    return { removed, left };
  }

  #isStale(
    schedule: TaskSchedule,
    { hasBegun, declaration }: LiveOccurrence,
  ): boolean {
    const { application } = this.#parts.settings;
    return !hasBegun && declaration !== declarationOf(schedule, application);
  }
}
