import { readFile } from 'node:fs/promises';
import { posix, resolve } from 'node:path';

/** What can be imported of a package, and the file that declares what is in it. */
export interface EntryPoint {
  readonly name: string;
  readonly file: string;
}

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, unknown>>;
}

/** The entry points that `exports` names in the package.json of a folder, in its order. */
export async function entryPointsOf(folder: string): Promise<EntryPoint[]> {
  const text = await readFile(resolve(folder, 'package.json'), 'utf8');
  const { name, exports = {} } = JSON.parse(text) as Manifest;
  return Object.entries(exports).flatMap(([path, target]) => {
    const types = typesOf(target);
    return types === undefined
      ? []
      : [{ name: posix.join(name, path), file: resolve(folder, types) }];
  });
}

/** The declarations of a target for `import`: under `types`, at whatever depth of conditions. */
function typesOf(target: unknown): string | undefined {
  if (typeof target !== 'object' || target === null) return undefined;
  if ('types' in target && typeof target.types === 'string') {
    return target.types;
  }
  return Object.entries(target)
    .filter(([condition]) => condition !== 'require')
    .map(([, nested]) => typesOf(nested))
    .find((types) => types !== undefined);
}
