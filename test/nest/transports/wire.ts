import { Socket } from 'node:net';

/**
 * Records writes to any socket that contain a mark such as `<value>`: the replies of the
 * tests' handlers, at the time when they are handed to the system. Requests contain no
 * marks. A masked frame of a WebSocket client is random bytes, and a mark is long enough
 * not to occur there by chance.
 */
export function watchWire(note: (mark: string) => void): () => void {
  const original = Socket.prototype.write;
  Socket.prototype.write = function (this: Socket, ...args: unknown[]) {
    for (const [, mark] of textOf(args[0]).matchAll(/<([a-z]{3,})>/g)) {
      note(`wire: ${mark}`);
    }
    return (original as (...all: unknown[]) => boolean).apply(this, args);
  };
  return () => {
    Socket.prototype.write = original;
  };
}

function textOf(chunk: unknown): string {
  if (typeof chunk === 'string') return chunk;
  return chunk instanceof Uint8Array
    ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString(
        'latin1',
      )
    : '';
}
