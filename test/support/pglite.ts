import { readFileSync } from 'node:fs';
import {
  PGlite as EmbeddedPostgres,
  type PGliteOptions,
} from '../../node_modules/@electric-sql/pglite/dist/index.js';
import { EMPTY_DATABASE } from './empty-database.js';

export * from '../../node_modules/@electric-sql/pglite/dist/index.js';

/**
 * Stands in for `PGlite` in the tests: one in memory starts from the files of an empty
 * database, where it would make the same ones each time.
 */
export class PGlite extends EmbeddedPostgres {
  constructor(dataDir = 'memory://', options: PGliteOptions = {}) {
    super(dataDir, {
      ...(dataDir === 'memory://' && {
        loadDataDir: new Blob([readFileSync(EMPTY_DATABASE)]),
      }),
      ...options,
    });
  }
}
