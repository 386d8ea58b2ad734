import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';
import {
  PGlite as EmbeddedPostgres,
  type PGliteOptions,
} from '../../node_modules/@electric-sql/pglite/dist/index.js';
import { EMPTY_DATABASE } from './global-setup.js';

export * from '../../node_modules/@electric-sql/pglite/dist/index.js';

const PROGRAM = new URL(
  '../../node_modules/@electric-sql/pglite/dist/pglite.wasm',
  import.meta.url,
);

/** Memory for tables that hold a few rows; the default is 128 MB, all of which is filled at the start. */
const START_PARAMS = [
  ...EmbeddedPostgres.defaultStartParams,
  '-c',
  'shared_buffers=4MB',
];

// The types of Node.js do not declare it.
const { Module: CompiledProgram } = Reflect.get(globalThis, 'WebAssembly') as {
  readonly Module: new (bytes: Uint8Array) => object;
};

let program: object | undefined;

/**
 * Stands in for `PGlite` in the tests. A new database starts from the files of an empty
 * one, where the original would make the same ones each time, and all databases of a test
 * file share the compiled program. A database in memory that was closed is emptied and
 * opened again by the next test.
 */
export class PGlite extends EmbeddedPostgres {
  constructor(dataDir = 'memory://', options: PGliteOptions = {}) {
    const isPlain =
      dataDir === 'memory://' && Object.keys(options).length === 0;
    const idle = isPlain ? emptied.pop() : undefined;
    if (idle) return opened(idle);
    program ??= new CompiledProgram(readFileSync(PROGRAM));
    super(dataDir, {
      startParams: START_PARAMS,
      pgliteWasmModule: program,
      ...(isNew(dataDir) && { loadDataDir: new EmptyDatabase([]) }),
      ...options,
    });
    // oxlint-disable-next-line no-constructor-return -- its callers write `new PGlite()`
    if (isPlain) return opened(this);
  }
}

/** Databases in memory that nobody has open. */
const emptied: PGlite[] = [];

afterAll(async () => {
  await Promise.all(emptied.splice(0).map((database) => database.close()));
});

const EMPTY = `
  DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT nspname FROM pg_namespace
      WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    LOOP EXECUTE format('DROP SCHEMA %I CASCADE', name); END LOOP;
  END $$;
  CREATE SCHEMA public`;

/** The database until it is closed; from then on calls are refused, as by the original. */
function opened(database: PGlite): PGlite {
  let isClosed = false;
  let hasListeners = false;
  const close = async () => {
    if (isClosed) throw new Error('PGlite is closed');
    isClosed = true;
    if (hasListeners) return database.close();
    await database.exec(EMPTY);
    await database.exec('DISCARD ALL');
    emptied.push(database);
  };
  return new Proxy(database, {
    get(_target, key) {
      if (key === 'close') return close;
      if (key === 'closed') return isClosed;
      hasListeners ||= key === 'listen' || key === 'onNotification';
      const value: unknown = Reflect.get(database, key, database);
      if (typeof value !== 'function') return value;
      return isClosed
        ? () => Promise.reject(new Error('PGlite is closed'))
        : (value.bind(database) as unknown);
    },
  });
}

function isNew(dataDir: string): boolean {
  if (dataDir === 'memory://') return true;
  if (!dataDir.startsWith('file://')) return false;
  const folder = fileURLToPath(dataDir);
  return !existsSync(join(folder, 'PG_VERSION'));
}

/** An ordinary `Blob` takes longer to hand its bytes out than the file system to read them. */
class EmptyDatabase extends Blob {
  override async arrayBuffer(): Promise<ArrayBuffer> {
    return Uint8Array.from(readFileSync(EMPTY_DATABASE)).buffer;
  }
}
