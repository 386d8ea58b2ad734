import type { PgBossDatabase } from './pg-boss-database.js';
import type { PgClient } from './pg-pool-database.js';

/**
 * What is used of an `EntityManager` or a `QueryRunner` of TypeORM.
 *
 * @publicApi
 */
export interface TypeOrmTransaction {
  /** Runs one statement with its parameters. */
  query(text: string, values?: unknown[]): Promise<unknown>;
}

/**
 * What is used of a transaction of Prisma.
 *
 * @publicApi
 */
export interface PrismaTransaction {
  /** Runs one statement with its parameters. */
  $queryRawUnsafe(text: string, ...values: unknown[]): PromiseLike<unknown>;
}

/**
 * What is used of a transaction of Drizzle.
 *
 * @publicApi
 */
export interface DrizzleTransaction {
  /** Runs one statement. */
  execute(query: unknown): PromiseLike<unknown>;
}

/**
 * The `sql` of `drizzle-orm`.
 *
 * @publicApi
 */
export interface SqlTag {
  /** Makes a statement of its parts. */
  (strings: TemplateStringsArray, ...values: unknown[]): unknown;
  /** Makes a parameter of a value. */
  param(value: unknown): unknown;
}

/**
 * What is used of a transaction of Kysely.
 *
 * @publicApi
 */
export interface KyselyTransaction {
  /** Runs one statement. */
  executeQuery(query: never): Promise<{ readonly rows: readonly unknown[] }>;
}

/**
 * A transaction on a connection of `pg`: a `Client`, or what `pool.connect()` gives,
 * after its `BEGIN`. The statement is on its way when `schedule()` returns, so the
 * `COMMIT` may follow at once.
 *
 * @publicApi
 */
export function fromPg(client: PgClient): PgBossDatabase {
  return { executeSql: (text, values) => client.query(text, values) };
}

/**
 * A transaction of TypeORM. Await the task's `settled()` before the transaction ends.
 *
 * @publicApi
 */
export function fromTypeOrm(manager: TypeOrmTransaction): PgBossDatabase {
  return {
    executeSql: async (text, values) => ({
      rows: listOf(await manager.query(text, values)),
    }),
  };
}

/**
 * An interactive transaction of Prisma. Await the task's `settled()` before it ends.
 *
 * @publicApi
 */
export function fromPrisma(tx: PrismaTransaction): PgBossDatabase {
  return {
    executeSql: async (text, values = []) => ({
      rows: listOf(await tx.$queryRawUnsafe(text, ...values)),
    }),
  };
}

/**
 * A transaction of Drizzle. Await the task's `settled()` before it ends.
 *
 * @param sql the `sql` of `drizzle-orm`
 *
 * @publicApi
 */
export function fromDrizzle(
  tx: DrizzleTransaction,
  sql: SqlTag,
): PgBossDatabase {
  return {
    executeSql: async (text, values = []) => {
      const [first = '', ...others] = text.split(/\$(\d+)/);
      const strings = [first, ...others.filter((_part, at) => at % 2 === 1)];
      const params = others
        .filter((_part, at) => at % 2 === 0)
        .map((number) => sql.param(values[Number(number) - 1]));
      const parts = Object.assign(strings, { raw: [...strings] });
      return { rows: listOf(await tx.execute(sql(parts, ...params))) };
    },
  };
}

/**
 * A transaction of Kysely. Await the task's `settled()` before it ends.
 *
 * @publicApi
 */
export function fromKysely(trx: KyselyTransaction): PgBossDatabase {
  return {
    executeSql: async (text, values = []) => {
      const query = {
        sql: text,
        parameters: values,
        query: { kind: 'RawNode' },
        queryId: { queryId: 'nestjs-tasks' },
      };
      return { rows: [...(await trx.executeQuery(query as never)).rows] };
    },
  };
}

/** The rows of a result: some drivers give them, others what holds them. */
function listOf(result: unknown): unknown[] {
  if (Array.isArray(result)) return result;
  const { rows } = Object(result) as { rows?: unknown };
  return Array.isArray(rows) ? rows : [];
}
