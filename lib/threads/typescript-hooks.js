// Plain JavaScript, because threads load it before they can load TypeScript.
import { readFileSync } from 'node:fs';
import module, { register } from 'node:module';
import { dirname, resolve as resolvePath } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isTypeScript, sourceOf } from './typescript-files.js';
import { formatOf } from './typescript-format.js';
import { transpilerOf } from './typescript-transpilers.js';

/**
 * Node.js from 22.15 on has hooks that run in the thread itself and see `require()`
 * too; the types are of Node.js 20.
 *
 * @typedef {{ url: string, format?: string | null, shortCircuit?: boolean }} Resolved
 * @typedef {{ format?: string | null, source?: unknown, shortCircuit?: boolean }} Loaded
 * @typedef {{ parentURL?: string | undefined }} ResolveContext
 * @typedef {{
 *   resolve(specifier: string, context: ResolveContext, next: (specifier: string, context: ResolveContext) => Resolved): Resolved,
 *   load(url: string, context: object, next: (url: string, context: object) => Loaded): Loaded,
 * }} SyncHooks
 * @typedef {(hooks: SyncHooks) => unknown} RegisterHooks
 *
 * The parts of the CommonJS loader that have no types.
 * @typedef {{ _compile(code: string, file: string): void, filename: string | null }} CommonJsModule
 * @typedef {{
 *   _extensions: Record<string, (loaded: CommonJsModule, file: string) => void>,
 *   _resolveFilename(request: string, parent: CommonJsModule | undefined, ...rest: unknown[]): string,
 * }} CommonJsLoader
 */

/** What says that there is no such module. */
const NOT_FOUND = new Set([
  'ERR_MODULE_NOT_FOUND',
  'MODULE_NOT_FOUND',
  'ERR_UNSUPPORTED_DIR_IMPORT',
]);

let isEnabled = false;

/** Lets this thread load TypeScript: what it is told to, and what that imports. */
export function enableTypeScript() {
  if (isEnabled) return;
  isEnabled = true;
  process.setSourceMapsEnabled(true);
  const { registerHooks } = /** @type {{ registerHooks?: RegisterHooks }} */ (
    module
  );
  if (registerHooks) {
    registerHooks({ resolve: resolveHere, load: loadHere });
  } else {
    register(import.meta.url);
    extendRequire();
  }
}

/** @type {SyncHooks['resolve']} */
function resolveHere(specifier, context, next) {
  try {
    return next(specifier, context);
  } catch (error) {
    return sourceInstead(specifier, context, error);
  }
}

/** @type {SyncHooks['load']} */
function loadHere(url, context, next) {
  const file = typeScriptFile(url);
  if (!file) return next(url, context);
  const compiled = compile(file);
  return compiled ? { ...compiled, shortCircuit: true } : next(url, context);
}

/**
 * For `module.register()`, whose hooks run in a thread of their own.
 *
 * @param {string} specifier
 * @param {ResolveContext} context
 * @param {(specifier: string, context: ResolveContext) => Promise<Resolved>} next
 * @returns {Promise<Resolved>}
 */
export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    return sourceInstead(specifier, context, error);
  }
}

/**
 * For `module.register()`.
 *
 * @param {string} url
 * @param {object} context
 * @param {(url: string, context: object) => Promise<Loaded>} next
 * @returns {Promise<Loaded>}
 */
export async function load(url, context, next) {
  const file = typeScriptFile(url);
  if (!file) return next(url, context);
  // Without a source, Node.js asks its CommonJS loader, which is extended in the thread itself.
  if (formatOf(file) === 'commonjs') {
    return { format: 'commonjs', source: null, shortCircuit: true };
  }
  const compiled = compile(file);
  return compiled ? { ...compiled, shortCircuit: true } : next(url, context);
}

/** Where hooks do not see `require()`: teaches it the same. */
function extendRequire() {
  const loader = /** @type {CommonJsLoader} */ (
    /** @type {unknown} */ (module.Module)
  );
  for (const extension of ['.ts', '.tsx', '.cts']) {
    loader._extensions[extension] = (loaded, file) => {
      const compiled = compile(file);
      loaded._compile(compiled?.source ?? readFileSync(file, 'utf8'), file);
    };
  }
  const resolveFilename = loader._resolveFilename;
  loader._resolveFilename = (request, parent, ...rest) => {
    try {
      return resolveFilename.call(loader, request, parent, ...rest);
    } catch (error) {
      const parentURL = parent?.filename
        ? pathToFileURL(parent.filename).href
        : undefined;
      return fileURLToPath(sourceInstead(request, { parentURL }, error).url);
    }
  };
}

/**
 * The TypeScript source of a module that was not found.
 *
 * @param {string} specifier
 * @param {ResolveContext} context
 * @param {unknown} error
 * @returns {Resolved}
 */
function sourceInstead(specifier, { parentURL }, error) {
  const { code } = /** @type {{ code?: string }} */ (Object(error));
  const path = NOT_FOUND.has(code ?? '') && pathOf(specifier, parentURL);
  const source = path && sourceOf(path);
  if (!source) throw error;
  return { url: pathToFileURL(source).href, shortCircuit: true };
}

/**
 * The path that a module is named by, unless it is the name of a package.
 *
 * @param {string} specifier
 * @param {string | undefined} parentURL
 */
function pathOf(specifier, parentURL) {
  if (specifier.startsWith('file:')) return fileURLToPath(specifier);
  if (!/^(?:\.{0,2}\/|\.{1,2}$|[A-Za-z]:[\\/])/.test(specifier))
    return undefined;
  if (!parentURL?.startsWith('file:')) return undefined;
  return resolvePath(dirname(fileURLToPath(parentURL)), specifier);
}

/** @param {string} url */
function typeScriptFile(url) {
  if (!url.startsWith('file:')) return undefined;
  const file = fileURLToPath(url);
  return isTypeScript(file) ? file : undefined;
}

/**
 * Compiles a file; `undefined` when that is left to Node.js, which can strip types.
 *
 * @param {string} file
 * @throws {Error} when there is nothing to compile it with
 */
function compile(file) {
  const transpile = transpilerOf(file);
  const format = formatOf(file);
  if (transpile) {
    return {
      format,
      source: transpile(readFileSync(file, 'utf8'), file, format),
    };
  }
  const { typescript } = /** @type {{ typescript?: unknown }} */ (
    process.features
  );
  if (typescript) return undefined;
  throw new Error(
    `There is nothing to compile ${file} with. Install @swc/core, typescript (before version 7) or esbuild, ` +
      'use Node.js 22.18 or newer, or name the compiled file.',
  );
}
