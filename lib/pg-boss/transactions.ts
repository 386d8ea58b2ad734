import type { PgBossDatabase } from './pg-boss-database.js';
import type { PgClient } from './pg-pool-database.js';
import { PgTransaction } from './pg-transaction.js';

/**
 * The part of an `EntityManager` or a `QueryRunner` of TypeORM that is used.
 *
 * @publicApi
 */
export interface TypeOrmTransaction {
  /** Executes one statement with its parameters. */
  query(text: string, values?: unknown[]): Promise<unknown>;
}

/**
 * The part of a Prisma transaction that is used.
 *
 * @publicApi
 */
export interface PrismaTransaction {
  /** Executes one statement with its parameters. */
  $queryRawUnsafe(text: string, ...values: unknown[]): PromiseLike<unknown>;
}

/**
 * The part of a Drizzle transaction that is used.
 *
 * @publicApi
 */
export interface DrizzleTransaction {
  /** Executes one statement. */
  execute(query: unknown): PromiseLike<unknown>;
}

/**
 * The `sql` of `drizzle-orm`.
 *
 * @publicApi
 */
export interface SqlTag {
  /** Builds a statement from its parts. */
  (strings: TemplateStringsArray, ...values: unknown[]): unknown;
  /** Turns a value into a parameter. */
  param(value: unknown): unknown;
}

/**
 * The part of a Kysely transaction that is used.
 *
 * @publicApi
 */
export interface KyselyTransaction {
  /** Executes one statement. */
  executeQuery(query: never): Promise<{ readonly rows: readonly unknown[] }>;
}

/**
 * A transaction on a connection of `pg`: a `Client`, or the result of `pool.connect()`,
 * after its `BEGIN`. The statement has been sent when `schedule()` returns, so the
 * `COMMIT` may follow at once.
 *
 * @publicApi
 */
export function fromPg(client: PgClient): PgBossDatabase {
  return new PgTransaction(client);
}

/**
 * A transaction of TypeORM. Await the task's `settled()` before the transaction ends.
 *
 * @publicApi
 */
export function fromTypeOrm(manager: TypeOrmTransaction): PgBossDatabase {
  return inTurn(async (text, values) =>
    rowsIn(await manager.query(text, values)),
  );
}

/**
 * An interactive transaction of Prisma. Await the task's `settled()` before it ends.
 *
 * @publicApi
 */
export function fromPrisma(tx: PrismaTransaction): PgBossDatabase {
  return inTurn(async (text, values) =>
    rowsIn(await tx.$queryRawUnsafe(text, ...values)),
  );
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
  return inTurn(async (text, values) => {
    const [first = '', ...others] = text.split(/\$(\d+)/);
    const strings = [first, ...others.filter((_part, at) => at % 2 === 1)];
    const params = others
      .filter((_part, at) => at % 2 === 0)
      .map((number) => sql.param(values[Number(number) - 1]));
    const parts = Object.assign(strings, { raw: [...strings] });
    return rowsIn(await tx.execute(sql(parts, ...params)));
  });
}

/**
 * A transaction of Kysely. Await the task's `settled()` before it ends.
 *
 * @publicApi
 */
export function fromKysely(trx: KyselyTransaction): PgBossDatabase {
  return inTurn(async (text, values) => {
    const query = {
      sql: text,
      parameters: values,
      query: { kind: 'RawNode' },
      queryId: { queryId: 'nestjs-tasks' },
    };
    return [...(await trx.executeQuery(query as never)).rows];
  });
}

/** Executes one statement after the other, as `pg` warns of those that do not wait. */
function inTurn(
  execute: (text: string, values: unknown[]) => Promise<unknown[]>,
): PgBossDatabase {
  let last: Promise<unknown> = Promise.resolve();
  return {
    executeSql(text, values = []) {
      const rows = last.then(() => execute(text, values));
      last = rows.catch(() => {});
      return rows.then((found) => ({ rows: found }));
    },
  };
}

/** The rows of a result: some drivers return the list itself, others an object with `rows`. */
function rowsIn(result: unknown): unknown[] {
  if (Array.isArray(result)) return result;
  const { rows } = Object(result) as { rows?: unknown };
  return Array.isArray(rows) ? rows : [];
}
