import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import {
  API,
  SymbolFlags,
  type Project,
  type Symbol,
} from 'typescript/unstable/sync';
import type { Node } from 'typescript/unstable/ast';

const COMPILER_OPTIONS = {
  target: 'es2022',
  lib: ['es2023'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};

/** What the compiler does not show of its client: the process that it talks to. */
interface ApiOfProcess {
  readonly client?: {
    readonly channel?: { readonly child?: Pick<ChildProcess, 'kill'> };
  };
}

/** The declarations of a built package, as the compiler sees them. */
export class Declarations {
  readonly #api: API;
  readonly #project: Project;
  readonly #folder: string;

  /** @throws Error when one of the files is not there */
  constructor(folder: string, files: readonly string[]) {
    const missing = files.filter((file) => !existsSync(file));
    if (missing.length > 0) {
      throw new Error(
        `package.json names declarations that do not exist: ${missing.join(', ')}. Run \`npm run build\`.`,
      );
    }
    this.#folder = folder;
    // A configuration that is nowhere on the disk: only these files, and what they import.
    const config = join(dirname(files[0] ?? folder), 'api-reference.json');
    const text = JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files });
    this.#api = new API({
      cwd: folder,
      fs: {
        fileExists: (name) => (name === config ? true : undefined),
        readFile: (name) => (name === config ? text : undefined),
      },
    });
    const project = this.#api
      .updateSnapshot({ openProjects: [config] })
      .getProject(config);
    if (!project) throw new Error('The compiler does not open the package.');
    this.#project = project;
  }

  /** What a file exports: the symbols behind the names, `undefined` where there is none. */
  exportsOf(file: string): Map<string, Symbol | undefined> {
    const { program, checker } = this.#project;
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    if (!module) throw new Error(`${file} exports nothing.`);
    return new Map(
      checker
        .getExportsOfModule(module)
        .map((symbol) => [symbol.name, this.#original(symbol)]),
    );
  }

  /** The symbol that a name in the declarations stands for, wherever it was imported from. */
  symbolOf(name: Node): Symbol | undefined {
    const symbol = this.#project.checker.getSymbolAtLocation(name);
    return symbol && this.#original(symbol);
  }

  nodesOf(symbol: Symbol): Node[] {
    return symbol.declarations
      .map((handle) => handle.resolve(this.#project))
      .filter((node) => node !== undefined);
  }

  /** Whether it is declared in the package, not in one that it uses. */
  isOwn(symbol: Symbol): boolean {
    return this.nodesOf(symbol).some((node) => {
      const { fileName } = node.getSourceFile();
      return (
        fileName.startsWith(this.#folder + sep) &&
        !fileName.includes(`${sep}node_modules${sep}`)
      );
    });
  }

  close(): void {
    // Its input is closed, by which it ends. Killed at the same time, as close() would
    // do, it complains on our standard error.
    const { client } = this.#api as unknown as ApiOfProcess;
    if (client?.channel?.child) client.channel.child.kill = () => true;
    this.#api.close();
  }

  #original(symbol: Symbol): Symbol | undefined {
    const { checker } = this.#project;
    const isAlias = (symbol.flags & SymbolFlags.Alias) !== 0;
    const original = isAlias ? checker.getAliasedSymbol(symbol) : symbol;
    return checker.isUnknownSymbol(original) ? undefined : original;
  }
}
