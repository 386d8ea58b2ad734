import { readFile } from 'node:fs/promises';
import { posix, resolve } from 'node:path';

/** A path that can be imported from a package, and the file with its declarations. */
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

/** The declarations of a target for `import`: `types`, at any depth of conditions. */
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
