import { TaskInvalidOptionError } from '../core/base/errors.js';
import { TaskError } from '../core/base/task-error.js';
import { messageOf } from '../core/base/to-error.js';
import { storeError } from './store-error.js';

/**
 * The error to fail the bootstrap with, where connecting failed for a reason that does not
 * get better by waiting: with what it is, and the repair. Else undefined.
 */
export function bootError(thrown: unknown, schema: string): Error | undefined {
  if (thrown instanceof TaskError) return thrown;
  const error = storeError(thrown);
  const { name, code } = Object(thrown) as { name?: unknown; code?: unknown };
  if (code === 'ERR_INVALID_URL' || name === 'URIError') {
    return new TaskInvalidOptionError(
      '`connectionString` must be an address such as postgres://user:password@host/database, and cannot be parsed. ' +
        'Encode special characters of the password, as encodeURIComponent() does, or use `host`, `user` and `password`.',
    );
  }
  switch (error.code) {
    case '3D000':
      return new TaskInvalidOptionError(
        `pgBossEngine() cannot start: ${error.message}. Create the database, or name another one.`,
      );
    // A syntax error, as `CREATE SCHEMA order` is one; a reserved name.
    case '42601':
    case '42939':
      return new TaskInvalidOptionError(
        `\`schema\` must be a name that PostgreSQL does not reserve, got '${schema}': ${error.message}.`,
      );
  }
  // pg-boss refuses options, or tables of a version that it does not know.
  return name === 'AssertionError' || code === 'ERR_ASSERTION'
    ? new TaskInvalidOptionError(
        `pgBossEngine() cannot start: ${messageOf(thrown)}`,
      )
    : undefined;
}
