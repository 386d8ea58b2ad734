// Plain JavaScript, because threads load it before they can load TypeScript.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** @typedef {'commonjs' | 'module'} ModuleFormat */

/**
 * What a file is compiled to, as the compiler of the project would.
 *
 * @param {string} file
 * @returns {ModuleFormat}
 */
export function formatOf(file) {
  if (file.endsWith('.mts')) return 'module';
  if (file.endsWith('.cts')) return 'commonjs';
  if (packageTypeOf(dirname(file)) === 'module') return 'module';
  return /\bimport\.meta\b/.test(readFileSync(file, 'utf8'))
    ? 'module'
    : 'commonjs';
}

/** @type {Map<string, string>} */
const packageTypes = new Map();

/**
 * The `type` of the nearest package.json.
 *
 * @param {string} folder
 * @returns {string}
 */
function packageTypeOf(folder) {
  let type = packageTypes.get(folder);
  if (type === undefined) {
    type = readPackageType(folder);
    packageTypes.set(folder, type);
  }
  return type;
}

/**
 * @param {string} folder
 * @returns {string}
 */
function readPackageType(folder) {
  try {
    const text = readFileSync(join(folder, 'package.json'), 'utf8');
    const { type } = /** @type {{ type?: string }} */ (JSON.parse(text));
    return type ?? 'commonjs';
  } catch {
    const parent = dirname(folder);
    return parent === folder ? 'commonjs' : packageTypeOf(parent);
  }
}
