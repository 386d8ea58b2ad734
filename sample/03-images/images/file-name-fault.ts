const MAX_BYTES = 255;

/**
 * What is wrong with the name of a file, if anything. No path is made of it here, but
 * it is stored, logged and shown, and others may save the file by it.
 */
export function fileNameFault(name: string): string | undefined {
  if (Buffer.byteLength(name) > MAX_BYTES) {
    return `must not be longer than ${MAX_BYTES} bytes`;
  }
  if (name.trim() === '') return 'must not be empty';
  // U+FFFD stands where bytes were no UTF-8.
  if (/[\p{Cs}\uFFFD]/u.test(name)) return 'must be UTF-8';
  if (/\p{Cc}/u.test(name)) return 'must not have control characters';
  if (/[/\\]/.test(name) || name === '.' || name === '..') {
    return 'must not be a path';
  }
  // They make "exe.jpg" of "gpj.exe".
  if (/\p{Bidi_Control}/u.test(name)) {
    return 'must not change the direction of text';
  }
  return undefined;
}
