import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What a file of the build asks for when it is loaded, and later. */
export interface Imports {
  readonly atOnce: ReadonlySet<string>;
  readonly later: ReadonlySet<string>;
}

// As the compiler writes them: at the start of a line, which is where comments have a star.
const ES_IMPORT =
  /^(?:import|export) (?:[\w\s{},*$]+? from )?['"]([^'"]+)['"];$/gm;
const REQUIRE = /^(?!\s*(?:\*|\/\/)).*?\brequire\(["']([^"']+)["']\)/gm;
const DYNAMIC_IMPORT = /^(?!\s*(?:\*|\/\/)).*?\bimport\(["']([^"']+)["']\)/gm;

/** The packages and `node:` modules that a file and the files that it loads ask for. */
export async function importsOf(entry: string): Promise<Imports> {
  const atOnce = new Set<string>();
  const later = new Set<string>();
  const isCommonJs = entry.includes('/cjs/');
  const pending = [entry];
  const seen = new Set(pending);
  const follow = (specifier: string, from: string, found: Set<string>) => {
    if (!specifier.startsWith('.')) {
      found.add(specifier);
      return;
    }
    const file = join(dirname(from), specifier);
    if (!seen.has(file)) pending.push(file);
    seen.add(file);
  };
  for (let file = pending.pop(); file; file = pending.pop()) {
    const code = await readFile(file, 'utf8');
    const asksFor = isCommonJs ? REQUIRE : ES_IMPORT;
    for (const [line, specifier = ''] of code.matchAll(asksFor)) {
      // How the compiler writes import() in CommonJS.
      const isLater = line.includes('Promise.resolve()');
      follow(specifier, file, isLater ? later : atOnce);
    }
    for (const [, specifier = ''] of code.matchAll(DYNAMIC_IMPORT)) {
      follow(specifier, file, later);
    }
  }
  return { atOnce, later };
}
