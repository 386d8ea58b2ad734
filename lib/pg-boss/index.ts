/**
 * `nestjs-tasks/pg-boss`: durable tasks in PostgreSQL, by pg-boss. It needs the peer
 * `pg-boss` (12.38 or later), and Node.js 22.12 or later.
 *
 * @packageDocumentation
 */
export { argumentCodec } from '../engine-kit/argument-codec.js';
export type { EngineOptions } from '../engine-kit/engine-options.js';
export type { QueueOptions, WorkerQueues } from '../engine-kit/queues.js';
export { pgBossEngine } from './pg-boss-engine.js';
export type {
  PgBossEngineOptions,
  PgBossWorkerOptions,
} from './pg-boss-options.js';
export type { PgBossDatabase } from './pg-boss-database.js';
export type { PgClient, PgPool, PgPoolClient } from './pg-pool-database.js';
export { fromPglite, type PgliteLike } from './from-pglite.js';
export {
  fromDrizzle,
  fromKysely,
  fromPg,
  fromPrisma,
  fromTypeOrm,
  type DrizzleTransaction,
  type KyselyTransaction,
  type PrismaTransaction,
  type SqlTag,
  type TypeOrmTransaction,
} from './transactions.js';
