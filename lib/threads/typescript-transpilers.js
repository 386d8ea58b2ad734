// Plain JavaScript, because threads load it before they can load TypeScript.
import { createRequire } from 'node:module';

/**
 * @typedef {import('./typescript-format.js').ModuleFormat} ModuleFormat
 * @typedef {(source: string, file: string, format: ModuleFormat) => string} Transpile
 *
 * The little that is needed of each compiler.
 * @typedef {{ transformSync(source: string, options: object): { code: string } }} Transformer
 * @typedef {{
 *   ModuleKind: { CommonJS: number, ESNext: number },
 *   ScriptTarget: { ES2022: number },
 *   JsxEmit: { ReactJSX: number },
 *   transpileModule(source: string, options: object): { outputText: string },
 * }} TypeScript
 */

/**
 * The compilers that a project may have, best first. All keep what only TypeScript
 * knows: enums, parameter properties, and decorators as NestJS has them.
 *
 * @type {readonly (readonly [name: string, adapt: (compiler: never) => Transpile | undefined])[]}
 */
const COMPILERS = [
  ['@swc/core', bySwc],
  ['typescript', byTypeScript],
  ['esbuild', byEsbuild],
];

/** @type {Map<string, Transpile>} */
const adapted = new Map();

/**
 * What the project of this file has to compile it; `undefined` when it has nothing.
 *
 * @param {string} file
 * @returns {Transpile | undefined}
 */
export function transpilerOf(file) {
  const require = createRequire(file);
  for (const [name, adapt] of COMPILERS) {
    const transpile = tryLoad(require, name, adapt);
    if (transpile) return transpile;
  }
  return undefined;
}

/**
 * In the main thread: keeps the compiler loaded that the threads are going to load. That
 * of SWC crashes the process when it is loaded again after the last thread that had it
 * has ended.
 *
 * @param {string} file
 */
export function keepCompilerLoaded(file) {
  // Not that of a test runner, which can have modules of its own.
  const loader = process.getBuiltinModule('node:module');
  tryLoad(loader.createRequire(file), '@swc/core', bySwc);
}

/**
 * @param {NodeJS.Require} require
 * @param {string} name
 * @param {(compiler: never) => Transpile | undefined} adapt
 */
function tryLoad(require, name, adapt) {
  try {
    const path = require.resolve(name);
    const known = adapted.get(path);
    if (known) return known;
    const compiler = /** @type {never} */ (require(path));
    const transpile = adapt(compiler);
    if (transpile) adapted.set(path, transpile);
    return transpile;
  } catch {
    // Not there, or without the binary for this machine: the next one may do.
    return undefined;
  }
}

/**
 * @param {Transformer} swc
 * @returns {Transpile}
 */
function bySwc(swc) {
  return (source, filename, format) =>
    swc.transformSync(source, {
      filename,
      swcrc: false,
      configFile: false,
      sourceMaps: 'inline',
      jsc: {
        target: 'es2022',
        keepClassNames: true,
        parser: {
          syntax: 'typescript',
          tsx: filename.endsWith('x'),
          decorators: true,
        },
        transform: { legacyDecorator: true, decoratorMetadata: true },
      },
      module: format === 'commonjs' ? { type: 'commonjs' } : { type: 'es6' },
    }).code;
}

/**
 * @param {TypeScript} ts
 * @returns {Transpile | undefined}
 */
function byTypeScript(ts) {
  // From version 7 on it compiles whole projects only.
  if (typeof ts.transpileModule !== 'function') return undefined;
  return (source, fileName, format) =>
    ts.transpileModule(source, {
      fileName,
      compilerOptions: {
        module:
          format === 'commonjs' ? ts.ModuleKind.CommonJS : ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2022,
        jsx: ts.JsxEmit.ReactJSX,
        esModuleInterop: true,
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
        inlineSourceMap: true,
        inlineSources: true,
      },
    }).outputText;
}

/**
 * @param {Transformer} esbuild
 * @returns {Transpile}
 */
function byEsbuild(esbuild) {
  return (source, sourcefile, format) =>
    esbuild.transformSync(source, {
      sourcefile,
      loader: sourcefile.endsWith('x') ? 'tsx' : 'ts',
      format: format === 'commonjs' ? 'cjs' : 'esm',
      target: 'es2022',
      platform: 'node',
      sourcemap: 'inline',
      keepNames: true,
      // As the others do it; not every version of Node.js finds the exports otherwise.
      supported: { 'dynamic-import': format === 'module' },
      tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    }).code;
}
