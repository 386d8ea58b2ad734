import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe } from '../core/check-options.js';
import { TaskInvalidOptionError } from '../core/errors.js';
import { existingFile, isTypeScript } from './typescript-files.js';

/** A module whose functions run on threads. */
export interface ThreadModule {
  readonly url: string;
  readonly isTypeScript: boolean;
}

/**
 * The module that is there: what was named, or the source that it is going to be
 * compiled from.
 *
 * @throws TaskInvalidOptionError when there is none
 */
export function findThreadModule(url: unknown): ThreadModule {
  const path = toPath(url);
  const file = path && existingFile(path);
  if (file) {
    return { url: pathToFileURL(file).href, isTypeScript: isTypeScript(file) };
  }
  throw new TaskInvalidOptionError(
    path
      ? `inThread() found neither the module ${path} nor the TypeScript source of it.`
      : `inThread() takes the file: URL of a module, or its absolute path, but it is ${describe(url)}. ` +
          "Write inThread(new URL('./thumbnail.js', import.meta.url), 'createThumbnail').",
  );
}

/** `undefined` when it names no file. */
function toPath(url: unknown): string | undefined {
  const text = hrefOf(url);
  if (text === undefined) return undefined;
  if (isAbsolute(text)) return text;
  try {
    return text.startsWith('file:') ? fileURLToPath(text) : undefined;
  } catch {
    return undefined;
  }
}

/** A URL is told by its shape: under a test runner it can be of another realm. */
function hrefOf(url: unknown): string | undefined {
  const text =
    typeof url === 'object' && url ? (url as Partial<URL>).href : url;
  return typeof text === 'string' ? text : undefined;
}
