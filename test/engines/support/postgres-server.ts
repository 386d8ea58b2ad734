import { describe } from '@jest/globals';
import { PostgresProcess } from '../../support/postgres-process.js';
import { needsNode22 } from './pg-boss-node.js';

const canRun = needsNode22() && isInstalled();

/** Of tests that start, stop and freeze a PostgreSQL of their own. */
export const describeWithPostgresServer = canRun ? describe : describe.skip;

export { PostgresProcess as PostgresServer };

function isInstalled(): boolean {
  if (PostgresProcess.isInstalled) return true;
  const what =
    'The programs of PostgreSQL (initdb, postgres) were not found. Install them';
  if (process.env['CI']) throw new Error(`${what}.`);
  process.stderr.write(`${what} to run the tests in which it is stopped.\n`);
  return false;
}
