import type { BullmqEngineOptions } from '../../../lib/bullmq/index.js';
import type { PgBossEngineOptions } from '../../../lib/pg-boss/index.js';

/** The engine of a worker in a process of its own; travels as JSON. */
export type WorkerSettings =
  | { readonly bullmq: BullmqEngineOptions }
  | { readonly pgBoss: PgBossEngineOptions };
