import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe } from '../core/base/describe.js';
import { TaskInvalidOptionError } from '../core/base/errors.js';

/**
 * The `file:` URL of the module to load: the named file when it exists, otherwise the
 * TypeScript source that it would be compiled from.
 *
 * @throws TaskInvalidOptionError when neither exists
 */
export function findThreadModule(url: unknown): string {
  const path = toPath(url);
  if (path === undefined) {
    throw new TaskInvalidOptionError(
      `The module given to inThread() must be a file: URL or an absolute path, got ${describe(url)}. ` +
        "Write inThread(new URL('./thumbnail.js', import.meta.url), 'createThumbnail').",
    );
  }
  const file = [path, ...sourcesOf(path)].find(isFile);
  if (file === undefined) {
    throw new TaskInvalidOptionError(
      `inThread() found neither the module ${path} nor its TypeScript source.`,
    );
  }
  return pathToFileURL(file).href;
}

/** What the file at this path could be compiled from. */
function sourcesOf(path: string): readonly string[] {
  return [
    path.replace(/\.([cm]?)js(x?)$/, '.$1ts$2'),
    path.replace(/\.js$/, '.tsx'),
    `${path}.ts`,
  ];
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function toPath(url: unknown): string | undefined {
  const text = hrefOf(url);
  if (text === undefined || isAbsolute(text)) return text;
  try {
    return text.startsWith('file:') ? fileURLToPath(text) : undefined;
  } catch {
    return undefined;
  }
}

/** A URL is recognized by its shape: test runners create it in another realm. */
function hrefOf(url: unknown): string | undefined {
  const text =
    typeof url === 'object' && url ? (url as Partial<URL>).href : url;
  return typeof text === 'string' ? text : undefined;
}
