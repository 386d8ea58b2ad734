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

/** A private field of the compiler's client: the process that it talks to. */
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

  /** @throws Error when one of the files does not exist */
  constructor(folder: string, files: readonly string[]) {
    const missing = files.filter((file) => !existsSync(file));
    if (missing.length > 0) {
      throw new Error(
        `package.json names declarations that do not exist: ${missing.join(', ')}. Run \`npm run build\`.`,
      );
    }
    this.#folder = folder;
    // A configuration that does not exist on disk: only these files, and their imports.
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
    if (!project) throw new Error('The compiler could not open the package.');
    this.#project = project;
  }

  /** The symbols that a file exports by name, `undefined` where none can be resolved. */
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

  /** The symbol that a name in the declarations refers to, wherever it is declared. */
  symbolOf(name: Node): Symbol | undefined {
    const symbol = this.#project.checker.getSymbolAtLocation(name);
    return symbol && this.#original(symbol);
  }

  nodesOf(symbol: Symbol): Node[] {
    return symbol.declarations
      .map((handle) => handle.resolve(this.#project))
      .filter((node) => node !== undefined);
  }

  /** Whether a symbol is declared in the package itself, not in a dependency. */
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
    // The process ends when its input is closed. If it were also killed at the same time,
    // as close() does, it would print an error on our stderr.
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
