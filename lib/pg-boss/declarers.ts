import { randomUUID } from 'node:crypto';
import { LEASE_MS } from '../engine-kit/schedule-upkeep.js';
import type { OpenBoss } from './open-boss.js';
import { rowsOf } from './pg-boss-database.js';
import { declarersOf } from './queue-marks.js';
import type { QueueCreation } from './queue-creation.js';
import type { ScheduleStatements } from './schedule-statements.js';

const LEASE_S = LEASE_MS / 1_000;

/**
 * Which recurring tasks living processes declare, so that a process that does not have a
 * task does not end the schedule of those that have it. In a queue beside that of the tasks,
 * each of these processes has a job that nobody takes, and that pg-boss deletes when it is
 * no longer renewed.
 */
export class Declarers {
  readonly #open: OpenBoss;
  readonly #queue: string;
  readonly #creation: QueueCreation;
  readonly #statements: ScheduleStatements;
  readonly #id = randomUUID();
  #isListed = false;

  /** @param queue the name of the queue of the tasks in the database */
  constructor(
    open: OpenBoss,
    queue: string,
    creation: QueueCreation,
    statements: ScheduleStatements,
  ) {
    this.#open = open;
    this.#queue = declarersOf(queue);
    this.#creation = creation;
    this.#statements = statements;
  }

  /** @param keys those of the schedules */
  async renew(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await this.#creation.ensure(this.#open, this.#queue);
    const { boss } = this.#open;
    const job = { id: this.#id, retentionSeconds: LEASE_S };
    const data = { keys };
    // It is gone after a long outage.
    const renewal = { ...job, startAfter: 0 };
    const isListed =
      this.#isListed &&
      (await boss.update(this.#queue, data, renewal)).updated > 0;
    if (!isListed) await boss.insert(this.#queue, [{ ...job, data }]);
    this.#isListed = true;
  }

  /** The keys of the schedules that others declare. */
  async ofOthers(): Promise<ReadonlySet<string>> {
    const rows = await rowsOf<{ data: string }>(
      this.#open.boss.getDb(),
      this.#statements.declared,
      [this.#queue, this.#id],
    );
    return new Set(
      rows.flatMap(({ data }) => (JSON.parse(data) as { keys: string[] }).keys),
    );
  }

  /** The others need not wait until its lease is over. */
  async release(): Promise<void> {
    if (!this.#isListed) return;
    await this.#open.boss.deleteJob(this.#queue, this.#id);
  }
}
