import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const PACKAGES = new URL('../../node_modules/', import.meta.url);
const { version } = JSON.parse(
  readFileSync(new URL('@electric-sql/pglite/package.json', PACKAGES), 'utf8'),
) as { version: string };

const TESTS = fileURLToPath(new URL('../', import.meta.url));

/** The applications that tests run in processes of their own. */
const APPS = [
  'engines/apps/worker-app',
  'opentelemetry/apps/traced-app',
  'process/apps/contexts',
  'process/apps/load',
  'process/apps/memory',
  'process/apps/misbehaving',
  'process/apps/scripted',
];

/** In MB: a new database has a few segments of its write-ahead log, 16 MB each by default. */
const LOG_SEGMENT_MB = 1;

/** The files of an empty database of the installed PGlite. */
export const EMPTY_DATABASE = fileURLToPath(
  new URL(`.cache/empty-pglite-${version}-${LOG_SEGMENT_MB}.tar`, PACKAGES),
);

/**
 * Runs once, before the tests: compiles the applications, and creates the empty database,
 * which takes ten times as long as loading it. Jest loads this file without its own
 * resolver, so it imports no other one.
 */
// oxlint-disable-next-line import/no-default-export -- Jest takes no other.
export default async function setUp(): Promise<void> {
  await Promise.all([compileApps(), createEmptyDatabase()]);
}

/** Packages that no application loads, or that are not installed. */
const UNUSED = [
  /^@fastify\/(static|view)$/,
  /^class-(transformer|validator)/,
  /^@nats-io\//,
  '@nestjs/platform-socket.io',
  'amqp-connection-manager',
  'kafkajs',
  'mqtt',
];

/**
 * Together with the library as it is now and with the packages, in a few files. They start
 * three times as fast as they do with the hundreds of files of the packages, and there are
 * more than a hundred starts in a run.
 */
async function compileApps(): Promise<void> {
  // The workers inherit it.
  const dir = (process.env['TEST_APPS'] = join(
    TESTS,
    'process/.build',
    String(process.pid),
  ));
  const build = await rolldown({
    input: Object.fromEntries(
      APPS.map((name) => [name, join(TESTS, `${name}.ts`)]),
    ),
    tsconfig: join(TESTS, '../tsconfig.json'),
    platform: 'node',
    // OpenTelemetry finds out by itself what to load and what to patch.
    external: [...UNUSED, /^@opentelemetry\//],
  });
  await build.write({ dir, keepNames: true });
  await build.close();
}

async function createEmptyDatabase(): Promise<void> {
  if (existsSync(EMPTY_DATABASE)) return;
  // Imported only here: in the tests this name is the stand-in, which needs these files.
  const { PGlite } = await import('@electric-sql/pglite');
  const database = await PGlite.create({
    initDbStartParams: [`--wal-segsize=${LOG_SEGMENT_MB}`],
  });
  await database.exec('CHECKPOINT');
  const files = await database.dumpDataDir('none');
  await database.close();
  mkdirSync(dirname(EMPTY_DATABASE), { recursive: true });
  // Renamed when complete, so that other processes never see a part of it.
  const unfinished = `${EMPTY_DATABASE}.${process.pid}`;
  writeFileSync(unfinished, Buffer.from(await files.arrayBuffer()));
  renameSync(unfinished, EMPTY_DATABASE);
}
