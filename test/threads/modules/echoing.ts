/** What the arguments are when they have arrived. */
export function describeArguments(...args: unknown[]): string[] {
  return args.map((arg) =>
    Buffer.isBuffer(arg)
      ? `Buffer ${arg.toString('utf8')}`
      : Object.prototype.toString.call(arg).slice(8, -1),
  );
}

export function echo<T>(value: T): T {
  return value;
}

/** Buffers, in the places where they can be. */
export function buffersIn(text: string): {
  list: Buffer[];
  map: Map<string, Buffer>;
  bytes: Uint8Array;
} {
  const buffer = Buffer.from(text);
  return {
    list: [buffer, buffer],
    map: new Map([['key', Buffer.from('other')]]),
    bytes: new Uint8Array([1, 2]),
  };
}

function chain(): unknown {
  let link: unknown = null;
  for (let count = 0; count < 50_000; count += 1) link = { next: link };
  return link;
}

/** Results that cannot be sent back. */
export function resultWith(what: string): unknown {
  const results: Record<string, unknown> = {
    function: { page: [1, { onDone: () => {} }] },
    symbol: Symbol('mark'),
    promise: new Map([['late', Promise.resolve()]]),
    instance: { format: new Intl.NumberFormat() },
    iterator: [[1].values()],
    chain: chain(),
  };
  return results[what];
}
