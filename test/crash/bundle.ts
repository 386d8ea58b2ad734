import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

/** What NestJS and `pg` do without when they are not installed. */
const OPTIONAL =
  /^(?:@nestjs\/(?:microservices|websockets|platform-)|class-|pg-native)/;

/**
 * The module and its packages in a few files of this folder, which load in half the time:
 * it is started dozens of times.
 */
export async function bundle(entry: URL, folder: string): Promise<URL> {
  const build = await rolldown({
    input: { entry: fileURLToPath(entry) },
    platform: 'node',
    external: OPTIONAL,
    // Packages do what the bundler warns about.
    logLevel: 'silent',
  });
  await build.write({
    dir: folder,
    keepNames: true,
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
  });
  await build.close();
  return pathToFileURL(join(folder, 'entry.mjs'));
}
