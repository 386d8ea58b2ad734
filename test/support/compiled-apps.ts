import { join } from 'node:path';

/** The compiled file of an application, given its source below `test`. */
export function compiledApp(source: string): string {
  const folder = process.env['TEST_APPS'];
  if (!folder) throw new Error('The global setup of Jest has not run.');
  return join(folder, source.replace(/\.ts$/, '.js'));
}
