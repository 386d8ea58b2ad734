/**
 * Of a `Buffer` only the bytes are copied to another thread, and a `Uint8Array` arrives.
 * Makes buffers of these again, without copying them once more.
 */
export function restoreBuffers(buffers: readonly Uint8Array[]): void {
  for (const bytes of buffers) Object.setPrototypeOf(bytes, Buffer.prototype);
}
