/**
 * `nestjs-tasks/pg-boss`: durable tasks in PostgreSQL, by pg-boss. It needs the peers
 * `pg-boss` (12.27 or later) and `devalue`, and Node.js 22.12 or later.
 *
 * @packageDocumentation
 */
export type { EngineOptions } from '../durable/engine-options.js';
export {
  pgBossEngine,
  type PgBossEngineOptions,
  type PgBossWorkerOptions,
} from './pg-boss-engine.js';
export type { PgBossDatabase } from './pg-boss-database.js';
export type { PgClient, PgPool } from './pg-pool-database.js';
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
