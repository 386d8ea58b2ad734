import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { Declarations } from '../../tools/api-reference/declarations.js';
import { PackedPackage, REPOSITORY } from './support/packed-package.js';
import { run } from './support/run.js';

let packed: PackedPackage;
beforeAll(async () => {
  packed = await PackedPackage.open();
});

type Kinds = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What is there when the program runs: the build, as it names itself. */
async function loadedKinds(names: readonly string[]): Promise<Kinds> {
  const script = `
    const kinds = {};
    for (const name of ${JSON.stringify(names)}) {
      const exports = Object.entries(await import(name));
      kinds[name] = Object.fromEntries(exports.map(([key, value]) =>
        [key, /^class\\b/.test(String(value)) ? 'class' : typeof value]));
    }
    console.log(JSON.stringify(kinds));`;
  const flags = ['--input-type=module', '--eval', script];
  return JSON.parse(await run(process.execPath, flags, REPOSITORY)) as Kinds;
}

/** What is declared. */
function declaredNames(names: readonly string[]): Map<string, string[]> {
  const fileOf = (name: string) =>
    join(REPOSITORY, name.replace('nestjs-tasks', 'dist'), 'index.d.ts');
  const declarations = new Declarations(REPOSITORY, names.map(fileOf));
  try {
    return new Map(
      names.map((name) => [
        name,
        [...declarations.exportsOf(fileOf(name)).keys()],
      ]),
    );
  } finally {
    declarations.close();
  }
}

// A change here is a change for every user. When it is meant:
// npm run test:package -- exports -u
it('exports what it did', async () => {
  const names = packed.entryPoints.map(({ name }) => name);
  const kinds = await loadedKinds(names);
  const declared = declaredNames(names);
  for (const name of names) {
    const all = declared.get(name) ?? [];
    const undeclared = Object.keys(kinds[name] ?? {}).filter(
      (key) => !all.includes(key),
    );
    expect(undeclared).toEqual([]);
    const list = all.map((key) => `${key}: ${kinds[name]?.[key] ?? 'type'}`);
    expect(list.sort()).toMatchSnapshot(name);
  }
});
