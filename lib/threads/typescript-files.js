// Plain JavaScript, because threads load it before they can load TypeScript.
import { statSync } from 'node:fs';

/** What a JavaScript file can have been compiled from, by its extension. */
const SOURCE_EXTENSIONS = new Map([
  ['.js', ['.ts', '.tsx']],
  ['.jsx', ['.tsx']],
  ['.mjs', ['.mts']],
  ['.cjs', ['.cts']],
]);

/** How a module can go on that is named without its extension. */
const ENDINGS = ['.ts', '.tsx', '.mts', '.cts', '/index.ts', '/index.tsx'];

/**
 * The file at this path: itself, or the TypeScript source that it would be compiled
 * from; `undefined` when there is neither.
 *
 * @param {string} path
 * @returns {string | undefined}
 */
export function existingFile(path) {
  return isFile(path) ? path : sourceOf(path);
}

/**
 * The TypeScript source of a module that does not exist as JavaScript.
 *
 * @param {string} path
 * @returns {string | undefined}
 */
export function sourceOf(path) {
  const [extension = ''] = /\.[^./\\]+$/.exec(path) ?? [];
  const stem = path.slice(0, path.length - extension.length);
  const candidates = (SOURCE_EXTENSIONS.get(extension) ?? []).map(
    (source) => stem + source,
  );
  candidates.push(...ENDINGS.map((ending) => path + ending));
  return candidates.find(isFile);
}

/**
 * Whether a file is TypeScript, by its name.
 *
 * @param {string} path
 */
export function isTypeScript(path) {
  return /\.(?:[cm]?ts|tsx)$/.test(path);
}

/** @param {string} path */
function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
